import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reader } from '../../../agent/src/server/store/store.ts';
import { READER, viewerApp, viewerDatabase } from '../../support/viewer.ts';
import { smallFleet } from '../../support/viewer-fleet.ts';

const database = viewerDatabase();
await smallFleet(database.store);

/** Ids of the hosts on a page, in its order. */
async function hostsOn(address: string, reader: Reader = READER): Promise<string[]> {
  const app = await viewerApp(database.store, reader);
  const { statusCode, body } = await app.inject(address);
  assert.is(statusCode, 200, body);
  return [...body.matchAll(/<th scope="row"><a href="\/hosts\/([^"]+)"/g)].map(([, id = '']) => id);
}

test('the worst hosts come first: alarms, drift by severity, unknown, compliant', async () => {
  assert.equal(await hostsOn('/fleet'), [
    'old-laptop',
    'lab-1',
    'front-desk',
    'x-ray',
    'archive',
    'calm-1',
  ]);
});

const FILTERS: [address: string, hosts: string[]][] = [
  ['/fleet?q=CLINIC-2', ['lab-1', 'x-ray']],
  ['/fleet?q=south', ['old-laptop', 'archive']],
  ['/fleet?q=%25', []],
  ['/fleet?q=_', []],
  ['/fleet?standing=drifted', ['lab-1', 'front-desk']],
  ['/fleet?standing=drifted&control=firewall', ['front-desk']],
  ['/fleet?standing=unattested', ['old-laptop']],
  ['/fleet?standing=notApplicable', ['archive']],
  ['/fleet?alarm=yes', ['old-laptop']],
  ['/fleet?state=retired', []],
  [
    '/fleet?q=&standing=&control=&state=active',
    ['old-laptop', 'lab-1', 'front-desk', 'x-ray', 'archive', 'calm-1'],
  ],
];
for (const [address, hosts] of FILTERS)
  test(`${address} shows ${hosts.join(', ') || 'nobody'}`, async () => {
    assert.equal(await hostsOn(address), hosts);
  });

test('pages follow each other without a host left out or shown twice', async () => {
  const app = await viewerApp(database.store);
  const seen: string[] = [];
  for (let address: string | undefined = '/fleet?rows=2'; address !== undefined; ) {
    seen.push(...(await hostsOn(address)));
    const { body }: { body: string } = await app.inject(address);
    address = /href="([^"]+)" rel="next"/.exec(body)?.[1]?.replaceAll('&amp;', '&');
  }
  assert.equal(seen, await hostsOn('/fleet'));
});

const SCOPES: [what: string, scope: Partial<Reader>, hosts: string[]][] = [
  ['a reseller', { resellers: ['southcare'] }, ['old-laptop', 'archive']],
  ['two sites', { sites: ['clinic-2', 'clinic-3'] }, ['old-laptop', 'lab-1', 'x-ray', 'archive']],
  ['a site of a reseller', { resellers: ['northcare'], sites: ['clinic-2'] }, ['lab-1']],
  ['nothing', { resellers: [] }, []],
];
for (const [what, scope, hosts] of SCOPES)
  test(`a reader of ${what} sees its hosts and no other`, async () => {
    assert.equal(await hostsOn('/fleet', { ...READER, ...scope }), hosts);
  });

test('a silent host’s controls are unattested, whatever it said last', async () => {
  const app = await viewerApp(database.store);
  const { body } = await app.inject('/fleet?q=old-laptop');
  assert.is(body.match(/unattested; was compliant/g)?.length, 6);
});

for (const address of [
  '/fleet?state=gone',
  '/fleet?rows=0',
  '/fleet?after=9~../x',
  '/fleet?q=a&q=b',
])
  test(`${address} is refused`, async () => {
    const app = await viewerApp(database.store);
    assert.is((await app.inject(address)).statusCode, 400);
  });

test.after(() => database.remove());
test.run();
