import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformSigner } from '../../../agent/src/core/ed25519.ts';
import { takeEvidence } from '../../../agent/src/server/intake/intake.ts';
import type { Actor } from '../../../agent/src/server/store/order-events.ts';
import type { Store } from '../../../agent/src/server/store/store.ts';
import { signedBundle } from '../../support/chain.ts';
import { signerOf } from '../../support/evidence.ts';
import { enrolHost, NOW } from '../../support/server.ts';
import { stopPostgresql, testStores } from '../../support/server-stores.ts';

const now = NOW.toISOString();
const ann: Actor = { kind: 'reader', name: 'ann' };
const idOf = (number: number) => `00000000-0000-4000-8000-00000000000${number}`;

const ask = (store: Store, orderId: string) =>
  store.requestOrder({
    ...{ hostId: 'host-1', siteId: 'clinic-1', orderId, now, maxOpen: 9 },
    request: {
      ...{ request_id: orderId, check: 'patching', runbook_id: 'update', reason: '' },
      bundle_sha256: null,
    },
  });
const approve = (store: Store, orderId: string) =>
  store.changeOrder({
    ...{ orderId, from: 'requested', to: 'approved', by: ann, now },
    approval: { envelope: { payload: '', signature: '', key_id: '' }, expiresAt: now },
  });
const history = async (store: Store, orderId: string) =>
  (await store.orderEvents(orderId)).map(({ what, by }) => `${what}, ${by.name ?? by.kind}`);

testStores(
  'what became of an order is kept, with who and when, and is never changed',
  async (database) => {
    const store = await database.open();
    await enrolHost(store, 'host-1', signerOf(1));
    for (const number of [1, 2, 3]) await ask(store, idOf(number));
    assert.is((await store.exportOrder({ orderId: idOf(1), by: ann, now }))?.sequence, 1);
    assert.is((await store.exportOrder({ orderId: idOf(1), by: ann, now }))?.sequence, 1);
    assert.is((await store.exportOrder({ orderId: idOf(2), by: ann, now }))?.sequence, 2);
    assert.equal([await approve(store, idOf(1)), await approve(store, idOf(1))], [true, false]);
    assert.is(await approve(store, idOf(2)), true);
    assert.is(await store.exportOrder({ orderId: idOf(1), by: ann, now }), null, 'it is approved');
    const { keys = [] } = (await store.enrolled('host-1')) ?? {};
    const bundle = signedBundle({
      signer: signerOf(1),
      draft: { order_id: idOf(1), outcome: 'success', check: 'patching' },
    });
    const signer = createPlatformSigner(new Uint8Array(32).fill(99));
    await takeEvidence({ store, signer, keys, hostId: 'host-1', now: NOW, ...bundle });
    assert.is(await store.expireOrders({ now, requestedBefore: now }), 2);
    assert.is(await store.expireOrders({ now, requestedBefore: now }), 0);
    const begun = ['requested, host-1', 'exported, ann'];
    assert.equal(await history(store, idOf(1)), [
      ...begun,
      'exported, ann',
      'approved, ann',
      'done, host-1',
    ]);
    assert.equal(await history(store, idOf(2)), [...begun, 'approved, ann', 'expired, time']);
    assert.equal(await history(store, idOf(3)), ['requested, host-1', 'expired, time']);
    assert.is((await store.orderEvents(idOf(3)))[0]?.at, now);
    await store.close();
  },
);

test.after(stopPostgresql);
test.run();
