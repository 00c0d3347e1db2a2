import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reader } from '../../../agent/src/server/store/readers.ts';
import type { Store } from '../../../agent/src/server/store/store.ts';
import { signerOf } from '../../support/evidence.ts';
import { stopPostgresql, testStores } from '../../support/server-stores.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString();
const ANN: Reader = { name: 'ann', role: 'operator', resellers: null, sites: null };
const BEN: Reader = {
  name: 'ben',
  role: 'auditor',
  resellers: ['msp-1'],
  sites: ['north', 'south'],
};
const digest = (letter: string) => letter.repeat(64);

const onStores = (name: string, body: (store: Store) => Promise<void>) =>
  testStores(name, async (database) => {
    const store = await database.open();
    try {
      await body(store);
    } finally {
      await store.close();
    }
  });

const add = (
  store: Store,
  reader: Reader,
  sha256: string | null = null,
  commonName = reader.name,
) =>
  store.addReader({
    ...reader,
    certificate: sha256 === null ? null : { sha256, commonName },
    now: at(0),
  });
const giveToken = (store: Store, name: string) =>
  store.giveToken({ name, sha256: digest('a'), expiresAt: at(10), now: at(0) });
const openSession = (store: Store, minute: number) =>
  store.openSession({
    tokenSha256: digest('a'),
    sha256: digest('b'),
    expiresAt: at(50),
    now: at(minute),
  });

onStores('a reader is who was added, with role and scope, until it is changed', async (store) => {
  assert.is(await add(store, ANN, digest('1')), 'added');
  assert.is(await add(store, BEN), 'added');
  assert.equal(await store.readerOfCertificate(digest('1')), ANN);
  assert.is(await store.readerOfCertificate(digest('2')), null);
  const narrower: Reader = { ...ANN, role: 'auditor', sites: ['north'] };
  assert.is(await add(store, narrower, digest('2')), 'changed');
  assert.is(await store.readerOfCertificate(digest('1')), null);
  assert.equal(await store.readerOfCertificate(digest('2')), narrower);
  const [ann, ben] = await store.readers();
  assert.equal(
    [ann?.certificate, ben?.certificate],
    [{ sha256: digest('2'), commonName: 'ann' }, null],
  );
  assert.equal([ann?.state, ben?.resellers, ben?.sites], ['active', BEN.resellers, BEN.sites]);
});

onStores('a certificate is of one reader, and of no host', async (store) => {
  await enrol(store, 'host-1', 'north', null);
  await add(store, ANN, digest('1'));
  assert.is(await add(store, BEN, digest('1')), 'certificate_of_reader');
  assert.is(await add(store, BEN, digest('2'), 'host-1'), 'certificate_of_host');
  assert.is(await enrol(store, 'ann', 'north', null), 'reader');
  assert.equal(
    (await store.hosts()).map(({ host }) => host.hostId),
    ['host-1'],
  );
});

onStores('a token opens one session, and both end with their time', async (store) => {
  await add(store, BEN);
  assert.is(await giveToken(store, 'nobody'), false);
  assert.is(await giveToken(store, 'ben'), true);
  const tries = await Promise.all([openSession(store, 9), openSession(store, 9)]);
  assert.equal(
    tries.filter((reader) => reader !== null),
    [BEN],
  );
  assert.equal(await store.readerOfSession(digest('b'), at(49)), BEN);
  assert.is(await store.readerOfSession(digest('b'), at(50)), null);
  assert.is(await store.readerOfSession(digest('c'), at(9)), null);
  await store.endSession(digest('b'));
  assert.is(await store.readerOfSession(digest('b'), at(9)), null);
  await giveToken(store, 'ben');
  assert.is(await openSession(store, 10), null, 'its time is over');
});

onStores('who is revoked is out, by session, token and certificate', async (store) => {
  await add(store, BEN, digest('1'));
  await giveToken(store, 'ben');
  await openSession(store, 1);
  await giveToken(store, 'ben');
  assert.is(await store.revokeReader({ name: 'ben', now: at(2) }), true);
  assert.is(await store.revokeReader({ name: 'ben', now: at(2) }), false);
  assert.is(await store.readerOfSession(digest('b'), at(2)), null);
  assert.is(await store.readerOfCertificate(digest('1')), null);
  assert.is(await openSession(store, 2), null);
  assert.is(await giveToken(store, 'ben'), false);
  assert.is(await add(store, BEN, digest('1')), 'changed');
  assert.is(await store.readerOfSession(digest('b'), at(3)), null, 'the old session stays ended');
});

onStores('outside of a scope there is nothing', async (store) => {
  await enrol(store, 'host-1', 'north', 'msp-1');
  await enrol(store, 'host-2', 'south', 'msp-2');
  await enrol(store, 'host-3', 'north', null);
  const orderId = '00000000-0000-4000-8000-000000000001';
  const request = {
    request_id: orderId,
    check: 'firewall',
    runbook_id: 'restore',
    reason: '',
    bundle_sha256: null,
  };
  const about = { hostId: 'host-2', siteId: 'south', orderId, now: at(0), maxOpen: 9 };
  await store.requestOrder({ ...about, request });
  const cases: [resellers: string[] | null, sites: string[] | null, hosts: string[]][] = [
    [null, null, ['host-1', 'host-2', 'host-3']],
    [['msp-1'], null, ['host-1']],
    [null, ['north'], ['host-1', 'host-3']],
    [['msp-1', 'msp-2'], ['south'], ['host-2']],
    [['msp-1'], ['south'], []],
    [[], null, []],
    [null, ["north' OR '1' = '1"], []],
  ];
  for (const [resellers, sites, expected] of cases) {
    const scope = { resellers, sites };
    const seen = (await store.hosts(scope)).map(({ host }) => host.hostId);
    assert.equal(seen, expected, JSON.stringify(scope));
    const orders = await store.orders({ scope, limit: 9 });
    assert.is(orders.length, expected.includes('host-2') ? 1 : 0, JSON.stringify(scope));
    const order = await store.order(orderId, scope);
    assert.is(order?.hostId, expected.includes('host-2') ? 'host-2' : undefined);
  }
});

function enrol(store: Store, hostId: string, siteId: string, resellerId: string | null) {
  const { keyId, publicKey } = signerOf(Number(hostId.slice(-1)));
  return store.enrol({
    hostId,
    siteId,
    resellerId,
    keyId,
    publicKey,
    replaceKey: false,
    now: at(0),
  });
}

test.after(stopPostgresql);
test.run();
