import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformSigner } from '../../agent/src/core/ed25519.ts';
import { takeEvidence } from '../../agent/src/server/intake/intake.ts';
import { Refusal } from '../../agent/src/server/refusal.ts';
import { openSqliteStore } from '../../agent/src/server/store/sqlite/open.ts';
import type { Store } from '../../agent/src/server/store/store.ts';
import { InputError } from '../../agent/src/wire/input.ts';
import { CHAIN, type Signed, signedBundle, signedChain } from '../support/chain.ts';
import { signerOf } from '../support/evidence.ts';
import { enrolHost, NOW } from '../support/server.ts';

const server = createPlatformSigner(new Uint8Array(32).fill(99));
const key = signerOf(1);
const other = signerOf(2);

async function withStore(body: (store: Store, path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'compliance-store-'));
  const path = join(folder, 'server.db');
  const store = openSqliteStore(path);
  await enrolHost(store, 'host-1', key);
  try {
    await body(store, path);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the server makes of one bundle: its answer, or the code of its refusal. */
async function take(store: Store, { bytes, signature }: Pick<Signed, 'bytes' | 'signature'>) {
  const { keys = [] } = (await store.enrolled('host-1')) ?? {};
  return takeEvidence({
    store,
    signer: server,
    keys,
    hostId: 'host-1',
    bytes,
    signature,
    now: NOW,
  });
}
async function outcome(store: Store, bundle: Signed): Promise<number | string> {
  try {
    return (await take(store, bundle)).status;
  } catch (error) {
    if (error instanceof Refusal) return error.answer.error;
    throw error;
  }
}
const chainsOf = async (store: Store) => (await store.hosts())[0]?.chains ?? [];
/** How the one chain of these tests stands: sequence of its head, bundles kept, forks. */
async function standing(store: Store) {
  const chain = (await chainsOf(store)).find(({ chainId }) => chainId === CHAIN);
  return [chain?.head.sequence, chain?.bundles, chain?.forks];
}

test('any order of arrival gives the same head and the same receipts', async () => {
  const chain = signedChain({ signer: key, length: 7 });
  const receiptsOf = async (order: readonly number[]) => {
    const receipts: string[] = [];
    await withStore(async (store) => {
      for (const index of order) {
        const answer = await take(store, chain[index] as Signed);
        assert.is(answer.status, 201);
        receipts[index] = JSON.stringify(answer.receipt);
      }
      assert.equal(await standing(store), [7, 7, 0]);
    });
    return receipts;
  };
  const expected = await receiptsOf([0, 1, 2, 3, 4, 5, 6]);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), async (order) =>
      assert.equal(await receiptsOf(order), expected),
    ),
    { numRuns: 25 },
  );
});

test('the head stops before a gap and moves over all of it when the gap is filled', () =>
  withStore(async (store) => {
    const chain = signedChain({ signer: key, length: 4 });
    const heads: (number | undefined)[] = [];
    for (const index of [1, 3, 0, 2]) {
      await take(store, chain[index] as Signed);
      heads.push((await standing(store))[0]);
    }
    assert.equal(heads, [0, 0, 2, 4]);
  }));

test('what forks is kept beside the chain, and the same bytes get the same receipt for ever', () =>
  withStore(async (store) => {
    const chain = signedChain({ signer: key, length: 4 });
    for (const bundle of chain.slice(0, 3)) assert.is(await outcome(store, bundle), 201);
    // A host restored from a backup of the time of bundle 1 goes on from there.
    const restored = signedChain({ signer: key, length: 4, after: chain[0] as Signed });
    const first = await take(store, restored[0] as Signed);
    assert.is(first.status, 409);
    assert.is(await outcome(store, restored[1] as Signed), 409, 'another bundle at the same place');
    assert.is(await outcome(store, restored[2] as Signed), 409, 'it follows a fork');
    assert.is(await outcome(store, restored[3] as Signed), 409, 'it follows a fork of a fork');
    const again = await take(store, restored[0] as Signed);
    assert.equal([again.status, again.receipt], [409, first.receipt]);
    assert.is(await outcome(store, chain[1] as Signed), 200, 'the kept one is still the kept one');
    assert.is(await outcome(store, chain[3] as Signed), 201, 'and its chain goes on');
    assert.equal(await standing(store), [4, 4, 4]);
  }));

test('a bundle that the one after it does not follow is a fork', () =>
  withStore(async (store) => {
    const [first, second] = signedChain({ signer: key, length: 2 }) as [Signed, Signed];
    assert.is(await outcome(store, second), 201);
    assert.is(await outcome(store, signedBundle({ signer: key })), 409);
    assert.is(await outcome(store, first), 201);
  }));

test('a new chain of the same host is none', () =>
  withStore(async (store) => {
    for (const bundle of signedChain({ signer: key, length: 2 })) await take(store, bundle);
    const chainId = '11111111-1111-4111-8111-111111111111';
    assert.is(await outcome(store, signedBundle({ signer: key, chainId })), 201);
    assert.is((await chainsOf(store)).length, 2);
  }));

/** A bundle by `signer` that names `old` and `fresh`. */
const rotation = (signer: typeof key, old: typeof key, fresh: typeof key, after: Signed) => {
  const named = ({ keyId, publicKey }: typeof key) => ({
    key_id: keyId,
    public_key: Buffer.from(publicKey).toString('base64'),
  });
  const states = {
    check: 'key',
    outcome: 'recorded' as const,
    pre_state: named(old),
    post_state: named(fresh),
  };
  return signedChain({ signer, length: 1, after, draft: states })[0] as Signed;
};

test('a rotation switches keys at its place: the old key before, the new one after', () =>
  withStore(async (store) => {
    const [first, second] = signedChain({ signer: key, length: 2 }) as [Signed, Signed];
    const handover = rotation(key, key, other, second);
    const proof = rotation(other, key, other, handover);
    const after = signedChain({ signer: other, length: 1, after: proof })[0] as Signed;
    assert.is(await outcome(store, first), 201);
    assert.is(await outcome(store, proof), 'signature', 'nobody knows the new key yet');
    assert.is(await outcome(store, handover), 201);
    assert.is(await outcome(store, proof), 201);
    assert.is(await outcome(store, second), 201, 'the old key counts for what came before');
    assert.is(await outcome(store, after), 201);
    const late = signedChain({ signer: key, length: 1, after })[0] as Signed;
    assert.is(await outcome(store, late), 'key_not_in_force');
    const early = signedBundle({ signer: other, sequence: 2, previous: first.sha256 });
    assert.is(await outcome(store, early), 'key_not_in_force');
    const chainId = '22222222-2222-4222-8222-222222222222';
    assert.is(await outcome(store, signedBundle({ signer: key, chainId })), 'key_not_in_force');
    assert.is(await outcome(store, signedBundle({ signer: other, chainId })), 201);
    assert.equal(await standing(store), [5, 5, 0]);
  }));

test('a rotation in a fork switches nothing', () =>
  withStore(async (store) => {
    const chain = signedChain({ signer: key, length: 2 }) as [Signed, Signed];
    for (const bundle of chain) await take(store, bundle);
    assert.is(await outcome(store, rotation(key, key, other, chain[0])), 409);
    assert.is((await store.enrolled('host-1'))?.keys.length, 1);
  }));

test('a rotation to an unusable key is refused', () =>
  withStore(async (store) => {
    const weak = { ...other, publicKey: new Uint8Array(32) };
    const first = signedBundle({ signer: key });
    assert.is(await outcome(store, rotation(key, key, weak, first)), 'key_malformed');
  }));

test('evidence can be neither changed nor removed, even past this program', () =>
  withStore(async (store, path) => {
    await take(store, signedBundle({ signer: key }));
    const database = new Database(path);
    for (const statement of [
      "UPDATE evidence SET outcome = 'compliant'",
      'DELETE FROM evidence',
      "INSERT OR REPLACE INTO evidence SELECT arrival, host_id, sha256, chain_id, sequence, previous_digest, fork, bundle_id, key_id, check_id, 'x', order_id, timestamp_end, received_at, bundle, signature, receipt_payload, receipt_signature, receipt_key_id FROM evidence",
    ]) {
      assert.throws(() => database.exec(statement), /insert-only/);
    }
    database.close();
  }));

test('a database of a newer server, and a file that is none, are named', () =>
  withStore(async (_store, path) => {
    const database = new Database(path);
    database.pragma('user_version = 99');
    database.close();
    const complaint = (file: string) => {
      try {
        openSqliteStore(file);
      } catch (error) {
        return error instanceof InputError ? error.issues[0]?.found : error;
      }
      return null;
    };
    assert.is(complaint(path), 'version 99');
    assert.is(
      complaint('/nonexistent/server.db'),
      'Cannot open database because the directory does not exist',
    );
  }));

test.run();
