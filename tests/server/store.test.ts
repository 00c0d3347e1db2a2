import Database from 'better-sqlite3';
import fc from 'fast-check';
import postgres from 'postgres';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformSigner, createPlatformVerifier } from '../../agent/src/core/ed25519.ts';
import { takeEvidence } from '../../agent/src/server/intake/intake.ts';
import { catchUp, checkpointSeal } from '../../agent/src/server/log/log.ts';
import { verifyLog } from '../../agent/src/server/log/verify.ts';
import { Refusal } from '../../agent/src/server/refusal.ts';
import { migratePostgresql } from '../../agent/src/server/store/postgresql/migrate.ts';
import { openPostgresqlStore } from '../../agent/src/server/store/postgresql/open.ts';
import { MIGRATIONS } from '../../agent/src/server/store/postgresql/schema.ts';
import { openSqliteStore } from '../../agent/src/server/store/sqlite/open.ts';
import type { Store } from '../../agent/src/server/store/store.ts';
import { InputError } from '../../agent/src/wire/input.ts';
import { CHAIN, type Signed, signedBundle, signedChain } from '../support/chain.ts';
import { signerOf } from '../support/evidence.ts';
import { enrolHost, NOW } from '../support/server.ts';
import {
  POSTGRESQL,
  postgresqlDatabase,
  sqliteDatabase,
  stopPostgresql,
  type TestDatabase,
  testStores,
} from '../support/server-stores.ts';
import { testWith } from '../support/suite.ts';

const server = createPlatformSigner(new Uint8Array(32).fill(99));
const key = signerOf(1);
const other = signerOf(2);

/** A test with a fresh database, of each kind, in which host-1 is enrolled. */
const onStores = (name: string, body: (store: Store, fresh: TestDatabase) => Promise<void>) =>
  testStores(name, (database) => withHost(database, (store) => body(store, database)));

async function withHost(
  database: TestDatabase,
  body: (store: Store) => Promise<void>,
): Promise<void> {
  const store = await database.open();
  await enrolHost(store, 'host-1', key);
  try {
    await body(store);
  } finally {
    await store.close();
  }
}

const onSqlite = async (body: (store: Store, path: string) => Promise<void>): Promise<void> => {
  const database = sqliteDatabase();
  await withHost(database, (store) => body(store, database.path)).finally(database.remove);
};

const seal = checkpointSeal({ signer: server, now: () => NOW });

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

testStores('any order of arrival gives the same head and the same receipts', async (_, kind) => {
  const chain = signedChain({ signer: key, length: 7 });
  const receiptsOf = async (order: readonly number[]) => {
    const receipts: string[] = [];
    const fresh = kind === 'SQLite' ? sqliteDatabase() : await postgresqlDatabase();
    await withHost(fresh, async (store) => {
      for (const index of order) {
        const answer = await take(store, chain[index] as Signed);
        assert.is(answer.status, 201);
        receipts[index] = JSON.stringify(answer.receipt);
      }
      assert.equal(await standing(store), [7, 7, 0]);
    });
    await fresh.remove();
    return receipts;
  };
  const expected = await receiptsOf([0, 1, 2, 3, 4, 5, 6]);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), async (order) =>
      assert.equal(await receiptsOf(order), expected),
    ),
    { numRuns: kind === 'SQLite' ? 25 : 4 },
  );
});

onStores(
  'the head stops before a gap and moves over all of it when the gap is filled',
  async (store) => {
    const chain = signedChain({ signer: key, length: 4 });
    const heads: (number | undefined)[] = [];
    for (const index of [1, 3, 0, 2]) {
      await take(store, chain[index] as Signed);
      heads.push((await standing(store))[0]);
    }
    assert.equal(heads, [0, 0, 2, 4]);
  },
);

onStores(
  'what forks is kept beside the chain, and the same bytes get the same receipt for ever',
  async (store) => {
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
  },
);

onStores('a bundle that the one after it does not follow is a fork', async (store) => {
  const [first, second] = signedChain({ signer: key, length: 2 }) as [Signed, Signed];
  assert.is(await outcome(store, second), 201);
  assert.is(await outcome(store, signedBundle({ signer: key })), 409);
  assert.is(await outcome(store, first), 201);
});

onStores('a new chain of the same host is none', async (store) => {
  for (const bundle of signedChain({ signer: key, length: 2 })) await take(store, bundle);
  const chainId = '11111111-1111-4111-8111-111111111111';
  assert.is(await outcome(store, signedBundle({ signer: key, chainId })), 201);
  assert.is((await chainsOf(store)).length, 2);
});

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

onStores(
  'a rotation switches keys at its place: the old key before, the new one after',
  async (store) => {
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
  },
);

onStores('a key of another host is enrolled only after that host was retired', async (store) => {
  const entry = { hostId: 'host-1b', siteId: 'clinic-1', resellerId: null, now: NOW.toISOString() };
  const asked = { ...entry, keyId: key.keyId, publicKey: key.publicKey, replaceKey: true };
  const change = { hostId: 'host-1', now: NOW.toISOString() };
  assert.equal(await store.enrol(asked), { keyOf: 'host-1' });
  await store.setHostState({ ...change, state: 'revoked' });
  assert.equal(await store.enrol(asked), { keyOf: 'host-1' }, 'who is distrusted stays so');
  await store.setHostState({ ...change, state: 'retired' });
  assert.is(await store.enrol(asked), 'enrolled');
  assert.equal(await store.enrol({ ...asked, hostId: 'host-1' }), { keyOf: 'host-1b' });
});

onStores('a rotation in a fork switches nothing', async (store) => {
  const chain = signedChain({ signer: key, length: 2 }) as [Signed, Signed];
  for (const bundle of chain) await take(store, bundle);
  assert.is(await outcome(store, rotation(key, key, other, chain[0])), 409);
  assert.is((await store.enrolled('host-1'))?.keys.length, 1);
});

onStores('a rotation to an unusable key is refused', async (store) => {
  const weak = { ...other, publicKey: new Uint8Array(32) };
  const first = signedBundle({ signer: key });
  assert.is(await outcome(store, rotation(key, key, weak, first)), 'key_malformed');
});

test('evidence can be neither changed nor removed, even past this program', () =>
  onSqlite(async (store, path) => {
    await take(store, signedBundle({ signer: key }));
    await store.extendLog({ limit: 9, seal });
    const database = new Database(path);
    for (const statement of [
      "UPDATE evidence SET outcome = 'compliant'",
      'DELETE FROM evidence',
      'DELETE FROM log_leaves',
      'UPDATE log_nodes SET level = 9',
      'DELETE FROM checkpoints',
      "UPDATE log SET log_id = 'x'",
      "INSERT OR REPLACE INTO evidence SELECT arrival, host_id, sha256, chain_id, sequence, previous_digest, fork, bundle_id, key_id, check_id, 'x', order_id, timestamp_end, received_at, bundle, signature, receipt_payload, receipt_signature, receipt_key_id FROM evidence",
    ]) {
      assert.throws(() => database.exec(statement), /insert-only/);
    }
    database.close();
  }));

test('a database of a newer server, and a file that is none, are named', () =>
  onSqlite(async (_store, path) => {
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

testWith(POSTGRESQL, 'the server’s role can neither change nor remove evidence', async () => {
  const fresh = await postgresqlDatabase();
  await withHost(fresh, async (store) => {
    await take(store, signedBundle({ signer: key }));
    await store.extendLog({ limit: 9, seal });
    const { host, database, user } = fresh.settings;
    const sql = postgres({ host, database, user, max: 1, onnotice: () => {} });
    const tables = ['evidence', 'places', 'log_leaves', 'log_nodes', 'checkpoints'];
    const month = `evidence_${NOW.toISOString().slice(0, 7).replace('-', '_')}`;
    for (const table of [...tables, month]) {
      for (const statement of [
        `DELETE FROM ${table}`,
        `TRUNCATE ${table}`,
        `DROP TABLE ${table}`,
      ]) {
        const error = await sql.unsafe(statement).catch(({ code }) => code);
        assert.is(error, '42501', statement);
      }
    }
    const forged = await sql`UPDATE evidence SET outcome = 'compliant'`.catch(({ code }) => code);
    assert.is(forged, '42501');
    await sql.end();
  });
});

testWith(POSTGRESQL, 'a role that could change evidence is refused', async () => {
  const { settings } = await postgresqlDatabase();
  await (await openPostgresqlStore(settings)).close();
  const { owner = '', ...rest } = settings;
  const error = await openPostgresqlStore({ ...rest, user: owner }).catch((cause) => cause);
  assert.instance(error, InputError);
  assert.match(error.message, /neither change nor remove/);
});

testWith(
  POSTGRESQL,
  'a server that may not become the owner serves what the owner migrated',
  async () => {
    const { settings } = await postgresqlDatabase({ empty: true });
    const { owner = '', ...rest } = settings;
    const error = await openPostgresqlStore(rest).catch((cause) => cause);
    assert.instance(error, InputError);
    assert.match(error.message, /expected what compliance-server migrate makes/);
    const notOwner = await migratePostgresql(rest, rest.user).catch((cause) => cause);
    assert.match(notOwner.message, /owner: .*permission denied/);
    for (const _ of ['once', 'again']) {
      assert.is(await migratePostgresql(rest, owner), MIGRATIONS.length);
    }
    const store = await openPostgresqlStore(rest);
    assert.equal(await store.hosts(), []);
    await store.close();
  },
);

testWith(POSTGRESQL, 'servers side by side keep each bundle once, and one chain', async () => {
  const fresh = await postgresqlDatabase();
  const stores = await Promise.all([1, 2, 3].map(() => fresh.open()));
  const [first] = stores as [Store, Store, Store];
  await enrolHost(first, 'host-1', key);
  const chain = signedChain({ signer: key, length: 20 });
  const answers = await Promise.all(
    stores.flatMap((store, at) =>
      chain.map(async (_, index) => {
        const bundle = chain[(index * 7 + at * 5) % chain.length] as Signed;
        const { status, receipt } = await take(store, bundle);
        return { status, sha256: bundle.sha256, receipt: JSON.stringify(receipt) };
      }),
    ),
  );
  assert.is(answers.filter(({ status }) => status === 201).length, 20);
  assert.is(answers.filter(({ status }) => status === 200).length, 40);
  assert.is(new Set(answers.map(({ receipt }) => receipt)).size, 20, 'one receipt for a bundle');
  assert.equal(await standing(first), [20, 20, 0]);
  const added = await Promise.all(stores.map((store) => catchUp(store, seal)));
  assert.is(
    added.reduce((sum, count) => sum + count),
    20,
    'each enters the log once',
  );
  assert.equal(await verifyLog(first, [createPlatformVerifier(server.publicKey)]), {
    size: 20,
    checkpoints: 1,
    faults: [],
  });
  await Promise.all(stores.map((store) => store.close()));
});

test.after(stopPostgresql);
test.run();
