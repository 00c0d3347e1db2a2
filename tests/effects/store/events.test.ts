import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reindex } from '../../../agent/src/effects/store/reindex.ts';
import { openReader } from '../../../agent/src/effects/store/store.ts';
import { CONTEXT, draftOf, signerOf } from '../../support/evidence.ts';
import { storeIn, withStateDir } from '../../support/stores.ts';

const signer = signerOf(7);
const at = new Date('2026-11-22T10:00:00.000Z');
const later = new Date('2033-01-01T00:00:00.000Z');
const receipt = { bytes: Buffer.from('{}'), signature: new Uint8Array(64) };

test('the index is queried by check, outcome, order and time, and paged', () =>
  withStateDir((stateDir) => {
    const store = storeIn(stateDir);
    const order_id = '7d0c7a0e-52f2-4f3c-8a0e-0d5a3c1e7b11';
    const day = (number: number) => `2026-11-${number}T00:00:00.000Z`;
    store.append(draftOf({ at: day(20) }), CONTEXT);
    store.append(draftOf({ at: day(21), check: 'backup', outcome: 'alert' }), CONTEXT);
    store.append(draftOf({ at: day(22), check: 'patching', order_id }), CONTEXT);
    store.append(draftOf({ at: day(23), outcome: 'alert' }), CONTEXT);
    const numbers = (query: Parameters<typeof store.list>[0]) =>
      store.list(query).bundles.map(({ sequence }) => sequence);
    assert.equal(numbers({}), [4, 3, 2, 1]);
    assert.equal(numbers({ check: 'firewall' }), [4, 1]);
    assert.equal(numbers({ outcome: 'alert', oldestFirst: true }), [2, 4]);
    assert.equal(numbers({ order: order_id }), [3]);
    assert.equal(numbers({ since: Date.parse(day(21)), until: Date.parse(day(23)) }), [3, 2]);
    const first = store.list({ limit: 3 });
    assert.equal(numbers({ limit: 3, after: first.next ?? 0 }), [1]);
    assert.is(store.list({ limit: 4 }).next, null);
    assert.equal(store.statistics().byCheck.length, 4);
    store.close();
  }));

test('retention keeps what is new, what is among the newest, and what has no receipt', () =>
  withStateDir(async (stateDir) => {
    const store = storeIn(stateDir);
    const old = Array.from({ length: 5 }, () => store.append(draftOf(), CONTEXT));
    const fresh = store.append(draftOf({ at: '2032-12-31T00:00:00.000Z' }), CONTEXT);
    for (const { sha256 } of old.slice(0, 3)) store.queue.markUploaded([{ sha256, receipt }]);
    const options = { now: later, days: 2192, newest: 1, context: CONTEXT };
    assert.equal(await store.prune(options), { pruned: 3, more: false });
    assert.equal(await store.prune(options), { pruned: 0, more: false });
    assert.equal(
      [...old, fresh].map(({ folder }) => existsSync(folder)),
      [false, false, false, true, true, true],
    );
    assert.is(store.statistics().pruned, 3);
    assert.equal(store.list({ check: 'retention' }).bundles.length, 1);
    store.close();
  }));

test('a pruning that was cut after its record is finished by the next start', () =>
  withStateDir(async (stateDir) => {
    const store = storeIn(stateDir, { queueing: false });
    const { folder } = store.append(draftOf(), CONTEXT);
    const copy = join(stateDir, 'copy');
    cpSync(folder, copy, { recursive: true });
    store.append(draftOf({ at: '2032-12-31T00:00:00.000Z' }), CONTEXT);
    await store.prune({ now: later, days: 2192, newest: 1, context: CONTEXT });
    store.close();
    assert.not(existsSync(folder));
    cpSync(copy, folder, { recursive: true }); // as if the process had died before it was removed
    const again = storeIn(stateDir, { queueing: false });
    assert.equal(again.reconciliation, { adopted: [], setApart: [], missing: [] });
    assert.not(existsSync(folder));
    again.close();
  }));

for (const [title, spoil] of [
  ['lost', (file: string) => rmSync(file)],
  [
    'lost with its write-ahead log',
    (file: string) => ['', '-wal', '-shm'].map((end) => rmSync(file + end, { force: true })),
  ],
] as const) {
  test(`an index that was ${title} is made anew from the folders`, () =>
    withStateDir((stateDir) => {
      const store = storeIn(stateDir);
      const one = store.append(draftOf(), CONTEXT);
      store.append(draftOf(), CONTEXT);
      store.queue.markUploaded([{ sha256: one.sha256, receipt: receipt }]);
      const before = { head: store.head(), statistics: store.statistics() };
      store.close();
      spoil(join(stateDir, 'evidence.db'));
      const again = storeIn(stateDir);
      assert.equal({ head: again.head(), statistics: again.statistics() }, before);
      const { pending, uploaded } = again.queue.metrics(at);
      assert.equal({ pending, uploaded }, { pending: 1, uploaded: 1 });
      again.close();
    }));
}

test('reindex keeps chain, rotation, retention and receipts, with the newest key alone', () =>
  withStateDir(async (stateDir) => {
    const store = storeIn(stateDir, { queueing: false });
    for (let count = 0; count < 4; count += 1) store.append(draftOf(), CONTEXT);
    const next = signerOf(8);
    store.rotateKey(next, { context: CONTEXT, at });
    store.beginChain({ reason: 'restored', context: CONTEXT, at });
    await store.prune({ now: later, days: 2192, newest: 6, context: CONTEXT });
    const before = { head: store.head(), statistics: store.statistics() };
    store.close();
    const { bundles, faults } = reindex({ stateDir, publicKeys: [next.publicKey] });
    const reader = openReader({ stateDir });
    assert.equal({ head: reader.head(), statistics: reader.statistics() }, before);
    assert.is(bundles, before.statistics.bundles);
    assert.equal(faults, []);
    reader.close();
    const again = storeIn(stateDir, { signer: next });
    assert.equal(again.reconciliation, { adopted: [], setApart: [], missing: [] });
    again.close();
  }));

test('a key that the chain does not expect is refused', () =>
  withStateDir((stateDir) => {
    const store = storeIn(stateDir);
    store.append(draftOf(), CONTEXT);
    store.close();
    assert.throws(
      () => storeIn(stateDir, { signer: signerOf(9) }),
      new RegExp(`expected key ${signer.keyId}`),
    );
    storeIn(stateDir).close();
  }));

test('a database of a newer version is refused', () =>
  withStateDir((stateDir) => {
    storeIn(stateDir).close();
    const db = new Database(join(stateDir, 'evidence.db'));
    db.pragma('user_version = 99');
    db.close();
    const words = /evidence\.db: user_version: found 99, of a newer version/;
    assert.throws(() => storeIn(stateDir), words);
    assert.throws(() => openReader({ stateDir }), words);
  }));

test('a folder in which nothing was ever recorded is absent to a reader', () =>
  withStateDir((stateDir) => {
    assert.throws(() => openReader({ stateDir }), /nothing has been recorded/);
  }));

test.run();
