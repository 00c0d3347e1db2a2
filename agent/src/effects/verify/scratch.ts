import Database from 'better-sqlite3';
import { inOrder, type Run, type Seen, unpackRun } from './runs.ts';

/** So many bundles whose runs overlap are put in order in memory; more of them outside of it. */
const MOST_IN_MEMORY = 8192;

/** A private temporary file of SQLite’s, which takes the same memory however much is put into it. */
function openTemporary(schema: string): Database.Database {
  const db = new Database('');
  db.exec(`PRAGMA cache_size = -2048; ${schema}`); // KiB; what is beyond goes to the file
  db.exec('BEGIN'); // one for all: nothing here must outlive this process
  return db;
}

/**
 * What was seen of an evidence folder, kept outside of memory, so that folders of any size are put into chain order
 * with flat memory. Days mostly follow each other, so what overlaps and must be sorted is little at a time.
 */
export function openScratch() {
  const db = openTemporary(`
    CREATE TABLE run (chain_id TEXT, first INTEGER, last INTEGER, began INTEGER, bundles INTEGER, text TEXT);
    CREATE TABLE unproved (name TEXT);`);
  const add = db.prepare(
    'INSERT INTO run VALUES (@chain_id, @first, @last, @began, @bundles, @text)',
  );
  const setAside = db.prepare('INSERT INTO unproved VALUES (?)');
  return {
    add: (run: Run): void => void add.run(run),
    /** Keeps the name of a bundle whose signature fits no key that is known so far. */
    setAside: (name: string): void => void setAside.run(name),
    /** Takes back what was set aside. */
    takeAside: (): string[] => {
      const names = db.prepare<[], { name: string }>('SELECT name FROM unproved').all();
      db.exec('DELETE FROM unproved');
      return names.map(({ name }) => name);
    },
    /** Chains in the order in which they began, each by rising number. */
    *inChainOrder(): Generator<Seen> {
      db.exec('CREATE INDEX IF NOT EXISTS place ON run (chain_id, first)');
      const chains = db
        .prepare<[], { chain_id: string }>(
          'SELECT chain_id FROM run GROUP BY chain_id ORDER BY min(began), chain_id',
        )
        .all();
      const runs = db.prepare<[string], Run>('SELECT * FROM run WHERE chain_id = ? ORDER BY first');
      for (const { chain_id } of chains) yield* merged(runs.iterate(chain_id));
    },
    close: () => db.close(),
  };
}
export type Scratch = ReturnType<typeof openScratch>;

/** Bundles of runs that come by their first number, in order. */
function* merged(runs: Iterable<Run>): Generator<Seen> {
  let overlapping = openHeap();
  let last = 0;
  for (const run of runs) {
    if (run.first > last) {
      yield* overlapping.take();
      overlapping = openHeap();
    }
    overlapping.add(run);
    last = Math.max(last, run.last);
  }
  yield* overlapping.take();
}

/** Runs that overlap: in memory, and once they are too many in a table. `take` gives their bundles in order, and ends it. */
function openHeap() {
  const runs: Run[] = [];
  let bundles = 0;
  let table: ReturnType<typeof openTable> | null = null;
  return {
    add(run: Run): void {
      bundles += run.bundles;
      if (bundles <= MOST_IN_MEMORY) return void runs.push(run);
      table ??= openTable();
      for (const one of [...runs.splice(0), run]) table.add(one);
    },
    *take(): Generator<Seen> {
      if (table === null) yield* runs.flatMap(unpackRun).sort(inOrder);
      else yield* table.take();
    },
  };
}

function openTable() {
  const db = openTemporary(`
    CREATE TABLE seen (sequence INTEGER, digest TEXT, name TEXT, text TEXT,
      PRIMARY KEY (sequence, digest, name)) WITHOUT ROWID -- in order at once: sorting later takes memory`);
  const add = db.prepare('INSERT INTO seen VALUES (?, ?, ?, ?)');
  return {
    add(run: Run): void {
      for (const seen of unpackRun(run))
        add.run(seen.row.sequence, seen.row.sha256, seen.name, JSON.stringify(seen));
    },
    *take(): Generator<Seen> {
      try {
        const all = db
          .prepare<[], string>('SELECT text FROM seen ORDER BY sequence, digest, name')
          .pluck();
        for (const text of all.iterate()) yield JSON.parse(text);
      } finally {
        db.close();
      }
    },
  };
}
