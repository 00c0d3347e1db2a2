import Database from 'better-sqlite3';
import {
  type Item,
  inOrder,
  itemsIn,
  type Run,
  type Seen,
  seenOf,
  sequenceOf,
  textOf,
} from './runs.ts';

/** So many bundles are kept, and put in order, in memory, a kilobyte each. More of them outside of it. */
const MOST_IN_MEMORY = 1024;

/** A private temporary file of SQLite’s, which takes the same memory however much is put into it. */
function openTemporary(schema: string): Database.Database {
  const db = new Database('');
  db.exec(`PRAGMA page_size = 32768; PRAGMA cache_size = -2048; ${schema}`); // KiB; what is beyond goes to the file
  db.exec('BEGIN'); // one for all: nothing here must outlive this process
  return db;
}

/**
 * What was seen of an evidence folder, kept outside of memory, so that folders of any size are put into chain order
 * with flat memory. Days mostly follow each other, so what overlaps and must be sorted is little at a time.
 */
export function openScratch(most = MOST_IN_MEMORY) {
  const db = openTemporary(`
    CREATE TABLE run (chain_id TEXT, first INTEGER, last INTEGER, began INTEGER, bundles INTEGER, content TEXT);
    CREATE TABLE unproved (name TEXT);`);
  const add = db.prepare(
    'INSERT INTO run VALUES (@chain_id, @first, @last, @began, @bundles, NULL)',
  );
  const putAway = db.prepare('UPDATE run SET content = ? WHERE rowid = ?');
  const setAside = db.prepare('INSERT INTO unproved VALUES (?)');
  /** By row, until they are too many. */
  const held = new Map<number, Run['content']>();
  let bundles = 0;
  return {
    add({ content, ...extent }: Run): void {
      held.set(Number(add.run(extent).lastInsertRowid), content);
      bundles += extent.bundles;
      if (bundles <= most) return;
      for (const [row, content] of held) putAway.run(textOf(content), row);
      held.clear();
      bundles = 0;
    },
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
      const chains = db
        .prepare<[], { chain_id: string }>(
          'SELECT chain_id FROM run GROUP BY chain_id ORDER BY min(began), chain_id',
        )
        .all();
      const runs = db.prepare<[string], RunRow>(
        'SELECT rowid AS row, * FROM run WHERE chain_id = ? ORDER BY first',
      );
      for (const { chain_id } of chains)
        yield* merged(runs.iterate(chain_id), {
          most,
          contentOf: ({ row, content }) => content ?? held.get(row) ?? [],
        });
    },
    close: () => db.close(),
  };
}
export type Scratch = ReturnType<typeof openScratch>;

type RunRow = Omit<Run, 'content'> & { readonly row: number; readonly content: string | null };

/** Bundles of runs that come by their first number, in order. */
function* merged(
  runs: Iterable<RunRow>,
  { most, contentOf }: { most: number; contentOf: (run: RunRow) => Run['content'] },
): Generator<Seen> {
  let overlapping = openHeap(most);
  let last = 0;
  for (const run of runs) {
    if (run.first > last) {
      yield* overlapping.take();
      overlapping = openHeap(most);
    }
    overlapping.add(itemsIn(contentOf(run)));
    last = Math.max(last, run.last);
  }
  yield* overlapping.take();
}

/** Bundles of runs that overlap: in memory, and once they are too many in a table. `take` gives them in order, and ends it. */
function openHeap(most: number) {
  const heap: { readonly sequence: number; readonly item: Item }[] = [];
  let table: ReturnType<typeof openTable> | null = null;
  return {
    add(items: readonly Item[]): void {
      for (const item of items) heap.push({ sequence: sequenceOf(item), item });
      if (table === null && heap.length <= most) return;
      table ??= openTable();
      for (const { item } of heap.splice(0)) table.add(seenOf(item));
    },
    *take(): Generator<Seen> {
      if (table !== null) return yield* table.take();
      heap.sort((a, b) => a.sequence - b.sequence || inOrder(seenOf(a.item), seenOf(b.item)));
      for (const { item } of heap) yield seenOf(item);
    },
  };
}

function openTable() {
  const db = openTemporary(`
    CREATE TABLE seen (sequence INTEGER, digest TEXT, name TEXT, text TEXT,
      PRIMARY KEY (sequence, digest, name)) WITHOUT ROWID -- in order at once: sorting later takes memory`);
  const add = db.prepare('INSERT INTO seen VALUES (?, ?, ?, ?)');
  return {
    add: (seen: Seen): void =>
      void add.run(seen.row.sequence, seen.row.sha256, seen.name, JSON.stringify(seen)),
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
