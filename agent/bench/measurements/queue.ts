import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { readMoment } from '../../src/effects/moment.ts';
import { openStore, type Store } from '../../src/effects/store/store.ts';
import { BENCH_SIGNER } from '../evidence-folder.ts';
import { interleave, type Measurement, type Samples } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { sampleContext, sampleDraft } from '../sample.ts';

const BATCH = 64; // as many as the uploader acknowledges in one commit
const ROUNDS = 31;

const shared = { unit: 'a second', better: 'higher', goal: null, meets: null } as const;
const ONE_DATABASE =
  'the floor’s table has one index and nothing beside it, and its database is small as ours is';

/** A bundle joins the queue in the commit that makes it durable; there is no other way in. */
export const enqueue: Measurement = {
  ...shared,
  name: 'queue: enqueue',
  floor: 'a row of as many bytes inserted and committed in SQLite, WAL, synchronous=FULL',
  remains: 'the bundle itself: built, signed, chained, indexed',
  unfair: `ours makes the bundle too, the floor queues bytes that lie ready; ${ONE_DATABASE}`,
  measure: () =>
    withBoth(({ store, bare }) =>
      interleave(ROUNDS * 7, {
        ours: perSecond(1, () => void store.append(sampleDraft(), sampleContext())),
        floor: perSecond(1, () => bare.insert(1)),
      }),
    ),
};

/** The next entries, oldest first. */
export const claim: Measurement = {
  ...shared,
  name: 'queue: claim',
  floor: `${BATCH} rows by their index`,
  remains: 'an order by time and place, and a clock that counts from the boot',
  unfair: `an entry’s bytes are not read: that is in the upload of a backlog; ${ONE_DATABASE}`,
  measure: () =>
    withBoth(async ({ store, bare }) => {
      append(store, 2 * BATCH);
      bare.insert(2 * BATCH);
      return interleave(ROUNDS, {
        ours: perSecond(BATCH, () => void due(store)),
        floor: perSecond(BATCH, () => void bare.select(BATCH)),
      });
    }),
};

/** Receipts kept and entries taken out, in one commit for all of them as the uploader does it. */
export const acknowledge: Measurement = {
  ...shared,
  name: 'queue: acknowledge',
  floor: `${BATCH} rows deleted and as many receipts inserted in one commit, WAL, synchronous=FULL`,
  remains: 'two receipt files a bundle, written and renamed, and three rows',
  unfair: `the receipt lies beside its bundle too, so that anyone can verify it; the flush of the disk after many is not in it; ${ONE_DATABASE}`,
  measure: () =>
    withBoth(({ store, bare }) => {
      const receipt = { bytes: Buffer.alloc(300, 'r'), signature: Buffer.alloc(64) };
      return interleave(ROUNDS, {
        ours: async () => {
          append(store, BATCH);
          await store.settle();
          const received = due(store).map(({ sha256 }) => ({ sha256, receipt }));
          return perSecond(BATCH, () => store.queue.markUploaded(received))();
        },
        floor: async () => {
          bare.insert(BATCH);
          return perSecond(BATCH, () => bare.acknowledge(receipt.bytes, receipt.signature))();
        },
      });
    }),
};

function due(store: Store) {
  const entries = store.queue.due({ at: readMoment(), limit: BATCH });
  if (entries.length !== BATCH) throw new Error(`${entries.length} of ${BATCH} entries are due`);
  return entries;
}

function append(store: Store, count: number): void {
  for (let done = 0; done < count; done += 1) store.append(sampleDraft(), sampleContext());
}

const perSecond = (operations: number, work: () => void) => async () => {
  const begun = process.hrtime.bigint();
  work();
  return (operations * 1e9) / Number(process.hrtime.bigint() - begun);
};

type Both = { readonly store: Store; readonly bare: ReturnType<typeof openBare> };

async function withBoth(work: (both: Both) => Promise<Samples>): Promise<Samples> {
  const folder = mkdtempSync(join(WORK, 'bench-'));
  const stateDir = join(folder, 'state');
  const store = openStore({ stateDir, key: () => BENCH_SIGNER, queueing: true });
  const bare = openBare(join(folder, 'bare.db'));
  try {
    return await work({ store, bare });
  } finally {
    store.close();
    bare.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A queue in SQLite and nothing else, with the store’s durability. */
function openBare(file: string) {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE queue (position INTEGER PRIMARY KEY, bytes BLOB)');
  db.exec('CREATE TABLE receipt (position INTEGER PRIMARY KEY, bytes BLOB, signature BLOB)');
  const bytes = Buffer.alloc(1600, 'x');
  const statements = {
    insert: db.prepare('INSERT INTO queue (bytes) VALUES (?)'),
    select: db.prepare<[number], { position: number }>(
      'SELECT position FROM queue ORDER BY position LIMIT ?',
    ),
    remove: db.prepare('DELETE FROM queue WHERE position = ?'),
    receipt: db.prepare('INSERT INTO receipt (bytes, signature) VALUES (?, ?)'),
  };
  return {
    insert: db.transaction((count: number) => {
      for (let done = 0; done < count; done += 1) statements.insert.run(bytes);
    }),
    select: (count: number) => statements.select.all(count),
    acknowledge: db.transaction((payload: Uint8Array, signature: Uint8Array) => {
      for (const { position } of statements.select.all(BATCH)) {
        statements.remove.run(position);
        statements.receipt.run(payload, signature);
      }
    }),
    close: () => db.close(),
  };
}
