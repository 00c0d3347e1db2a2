import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reader } from '../../../agent/src/server/store/store.ts';
import { READER, settle, testHost, viewerApp, viewerDatabase } from '../../support/viewer.ts';
import { attestation, healedFirewall, smallFleet } from '../../support/viewer-fleet.ts';

const { store, remove } = viewerDatabase();
const hosts = await smallFleet(store);
for (let minute = 10; minute < 150; minute += 1) {
  const at = new Date(Date.UTC(2026, 10, 22, 8, minute)).toISOString();
  await hosts['archive']?.say(at, minute % 2 === 0 ? healedFirewall : attestation());
}
await settle(store);

async function ask(address: string, reader: Reader = READER) {
  const app = await viewerApp(store, reader);
  return app.inject({ url: address, headers: { accept: 'text/html' } });
}
const numbersOn = (body: string): number[] =>
  [...body.matchAll(/bundles\/[0-9a-f]{64}">number (\d+)</g)].map(([, number]) => Number(number));

test('a timeline’s pages follow each other, newest first, without an attestation', async () => {
  const seen: number[] = [];
  let pages = 0;
  for (let address: string | undefined = '/hosts/archive'; address !== undefined; pages += 1) {
    const { body }: { body: string } = await ask(address);
    seen.push(...numbersOn(body));
    address = /href="([^"]+)" rel="next">Earlier/.exec(body)?.[1]?.replaceAll('&amp;', '&');
  }
  assert.equal(
    seen,
    Array.from({ length: 70 }, (_, at) => 140 - 2 * at),
  );
  assert.is(pages, 2);
});

const FILTERED: [address: string, bundles: number][] = [
  ['/hosts/archive?check=firewall', 50],
  ['/hosts/archive?check=backup', 0],
  ['/hosts/archive?outcome=success', 50],
  ['/hosts/archive?outcome=failed', 0],
  ['/hosts/archive?to=2026-11-21', 0],
  ['/hosts/archive?to=2026-11-22&days=365', 50],
];
for (const [address, bundles] of FILTERED)
  test(`${address} tells of ${bundles} bundles`, async () => {
    assert.is(numbersOn((await ask(address)).body).length, bundles);
  });

test('a chain’s page has every bundle of it, attestations too', async () => {
  const { body } = await ask('/hosts/archive');
  const path = /href="(\/hosts\/archive\/chains\/[^"]+)"/.exec(body)?.[1] ?? '';
  const page = await ask(path);
  assert.is(page.body.match(/<code>[0-9a-f]{64}<\/code>/g)?.length, 100, 'a page of it');
  assert.match(page.body, '>attestation<');
});

const TRICKS = [
  '/hosts/..%2f..%2fetc%2fpasswd',
  '/hosts/%2e%2e%2f',
  '/hosts/front-desk%00',
  "/hosts/'%20OR%201=1%20--",
  '/hosts/<script>alert(1)</script>',
  `/hosts/${'a'.repeat(64)}`,
  '/hosts/nobody',
  '/hosts/front-desk/bundles/..%2f..%2fkeys.json',
  `/hosts/front-desk/bundles/${'A'.repeat(64)}`,
  `/hosts/front-desk/bundles/${'0'.repeat(64)}/bundle.json`,
  '/hosts/front-desk/chains/..',
  '/hosts/front-desk/chains/00000000-0000-4000-8000-000000000000',
  '/assets/..%2fpackage.json',
  '/assets/%2e%2e%2fcompliance-server.js',
  '/nothing',
];
for (const address of TRICKS)
  test(`${address} is no page, and nothing of it comes back as markup`, async () => {
    const { statusCode, body, headers } = await ask(address);
    assert.is(statusCode, 404);
    assert.match(String(headers['content-type']), 'text/html');
    assert.match(String(headers['content-security-policy']), "default-src 'none'");
    assert.not.match(body, '<script>alert');
    assert.not.match(body, 'passwd');
  });

const REFUSED = [
  '?days=31',
  '?to=yesterday',
  '?check=<b>',
  '?outcome=none',
  '?before=x',
  '?before=2026~1',
  '?to=2026-02-31',
];
for (const query of REFUSED)
  test(`${query} is refused in words`, async () => {
    const { statusCode, body } = await ask(`/hosts/archive${query}`);
    assert.is(statusCode, 400);
    assert.match(body, 'The address has no such');
    assert.not.match(body, '<b>');
  });

test('what is outside of a reader’s scope is as if it were not there', async () => {
  const reader: Reader = { ...READER, resellers: ['southcare'] };
  const { body } = await ask('/hosts/front-desk');
  const bundle = /href="(\/hosts\/front-desk\/bundles\/[0-9a-f]{64})"/.exec(body)?.[1] ?? '';
  const chain = /href="(\/hosts\/front-desk\/chains\/[^"]+)"/.exec(body)?.[1] ?? '';
  assert.ok(bundle !== '' && chain !== '');
  const files = ['bundle.json', 'bundle.sig', 'receipt.json', 'receipt.sig', 'proof.json'];
  const pages = ['/hosts/front-desk', '/hosts/front-desk/keys.json', bundle, chain];
  for (const address of [...pages, ...files.map((file) => `${bundle}/${file}`)]) {
    assert.is((await ask(address)).statusCode, 200, address);
    assert.is((await ask(address, reader)).statusCode, 404, address);
  }
  const foreign = bundle.replace('front-desk', 'archive');
  assert.is((await ask(foreign, reader)).statusCode, 404, 'nor by another host’s name');
});

test('a gap, a fork and a retired host are said in words', async () => {
  const database = viewerDatabase();
  const host = await testHost(database.store, 'host-1');
  const day = (time: string) => `2026-11-22T${time}.000Z`;
  const first = await host.say(day('01:00:00'), attestation());
  host.lose(); // a bundle that is signed and never comes
  await host.say(day('02:00:00'), attestation());
  host.goBackTo(first);
  await host.say(day('03:00:00'), attestation());
  await host.say(day('03:01:00'), attestation());
  await settle(database.store);
  const pageOf = async () => (await (await viewerApp(database.store)).inject('/hosts/host-1')).body;
  const alarms = [...(await pageOf()).matchAll(/<li><span class="tag alarm">(\w+)</g)];
  assert.equal(alarms.map(([, kind]) => kind).sort(), ['fork', 'gap', 'silent']);
  const change = { hostId: 'host-1', state: 'retired', now: day('09:00:00') } as const;
  await database.store.setHostState(change);
  const retired = await pageOf();
  assert.match(retired, '<span class="tag alarm">retired</span> since');
  assert.not.match(retired, 'class="alarms"');
  await database.remove();
});

test.after(remove);
test.run();
