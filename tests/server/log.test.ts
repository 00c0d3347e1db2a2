import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformSigner, createPlatformVerifier } from '../../agent/src/core/ed25519.ts';
import { openCheckpoint, openConsistency, openProof } from '../../agent/src/core/proof.ts';
import { takeEvidence } from '../../agent/src/server/intake/intake.ts';
import {
  catchUp,
  checkpointSeal,
  proveConsistency,
  proveInclusion,
} from '../../agent/src/server/log/log.ts';
import { verifyLog } from '../../agent/src/server/log/verify.ts';
import type { Store } from '../../agent/src/server/store/store.ts';
import { type Signed, signedChain } from '../support/chain.ts';
import { signerOf } from '../support/evidence.ts';
import { failureOf } from '../support/failure.ts';
import { enrolHost, NOW } from '../support/server.ts';
import { sqliteDatabase, stopPostgresql, testStores } from '../support/server-stores.ts';

const signer = createPlatformSigner(new Uint8Array(32).fill(99));
const verifiers = [createPlatformVerifier(signer.publicKey)];
const seal = checkpointSeal({ signer, now: () => NOW });
const key = signerOf(1);
const chain = signedChain({ signer: key, length: 20 });

/** Keeps bundles one after the other; their receipts’ exact payloads. */
async function take(store: Store, bundles: readonly Signed[]): Promise<Buffer[]> {
  const payloads: Buffer[] = [];
  for (const { bytes, signature } of bundles) {
    const { keys = [] } = (await store.enrolled('host-1')) ?? {};
    const from = { store, signer, keys, hostId: 'host-1', now: NOW };
    const { receipt } = await takeEvidence({ ...from, bytes, signature });
    payloads.push(Buffer.from(receipt.payload, 'base64'));
  }
  return payloads;
}
const proofOf = async (store: Store, { sha256 }: Signed) => {
  const proof = await proveInclusion({ store, seal, hostId: 'host-1', sha256 });
  if (proof === null) throw new Error('no proof');
  return proof;
};

testStores(
  'every bundle is proved to whoever has its receipt and the server’s key',
  async (database) => {
    const store = await database.open();
    await enrolHost(store, 'host-1', key);
    const receipts = await take(store, chain.slice(0, 13));
    for (const [index, receipt] of receipts.entries()) {
      const proof = await proofOf(store, chain[index] as Signed);
      assert.is(openProof({ proof, receipt, verifiers }).tree.size, 13);
      const other = receipts[(index + 1) % receipts.length] as Buffer;
      const refused = async () => openProof({ proof, receipt: other, verifiers });
      assert.is((await failureOf(refused()))?.code, 'rejected');
    }
    const stranger = [createPlatformVerifier(key.publicKey)];
    const proof = await proofOf(store, chain[0] as Signed);
    const forged = async () =>
      openProof({ proof, receipt: receipts[0] as Buffer, verifiers: stranger });
    assert.is((await failureOf(forged()))?.code, 'rejected');
    const unknown = { store, seal, hostId: 'host-1', sha256: (chain[19] as Signed).sha256 };
    assert.is(await proveInclusion(unknown), null);
    assert.is(await proveInclusion({ ...unknown, hostId: 'host-2' }), null);
    await store.close();
  },
);

testStores(
  'the log only grows, and each state of it is proved to be in the next',
  async (database) => {
    const store = await database.open();
    await enrolHost(store, 'host-1', key);
    const states = [];
    for (const [from, to] of [
      [0, 1],
      [1, 6],
      [6, 13],
      [13, 20],
    ] as const) {
      await take(store, chain.slice(from, to));
      assert.is(await catchUp(store, seal), to - from);
      const checkpoint = await store.lastCheckpoint();
      if (checkpoint !== null) states.push(openCheckpoint(checkpoint.envelope, verifiers));
    }
    assert.is(await catchUp(store, seal), 0, 'nothing is left');
    for (const earlier of states) {
      const proof = await proveConsistency(store, earlier.tree.size);
      if (proof === null) throw new Error('no proof');
      assert.is(openConsistency({ proof, earlier, verifiers }).tree.size, 20);
      const lied = { ...earlier, tree: { ...earlier.tree, root: Buffer.alloc(32, 1) } };
      const refused = async () => openConsistency({ proof, earlier: lied, verifiers });
      assert.is((await failureOf(refused()))?.code, 'rejected');
    }
    assert.is(await proveConsistency(store, 21), null);
    assert.equal(await verifyLog(store, verifiers), { size: 20, checkpoints: 4, faults: [] });
    await store.close();
  },
);

const tampering: [what: string, statement: string, found: RegExp][] = [
  [
    'a receipt',
    "UPDATE evidence SET receipt_payload = CAST('x' AS BLOB) WHERE arrival = 3",
    /^node 0\/2 is not the hash/,
  ],
  [
    'a node',
    'UPDATE log_nodes SET hash = zeroblob(32) WHERE level = 1',
    /^node 1\/0 is not the hash/,
  ],
  [
    'the order',
    'UPDATE log_leaves SET arrival = iif(arrival = 2, 99, arrival)',
    /^leaf 1 is missing/,
  ],
  [
    'the end',
    'DELETE FROM log_leaves WHERE leaf_index = 4',
    /^checkpoint 5 is of more than is kept/,
  ],
  [
    'a checkpoint',
    'UPDATE checkpoints SET payload = zeroblob(9)',
    /^checkpoint 5 is not signed by this server/,
  ],
  [
    'the log’s name',
    "UPDATE log SET log_id = 'other'",
    /^checkpoint 5 is not the root of what is kept/,
  ],
];
for (const [what, statement, found] of tampering) {
  test(`verification names ${what} that was altered behind the server’s back`, async () => {
    const database = sqliteDatabase();
    const store = await database.open();
    await enrolHost(store, 'host-1', key);
    await take(store, chain.slice(0, 5));
    await catchUp(store, seal);
    const raw = new Database(database.path);
    raw.pragma('foreign_keys = OFF');
    const triggers = raw
      .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .all();
    for (const { name } of triggers) raw.exec(`DROP TRIGGER ${name}`);
    raw.exec(statement);
    raw.close();
    const { faults } = await verifyLog(store, verifiers);
    assert.match(faults[0] ?? 'nothing', found);
    await store.close();
    await database.remove();
  });
}

test.after(stopPostgresql);
test.run();
