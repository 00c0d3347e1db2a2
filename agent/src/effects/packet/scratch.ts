import Database from 'better-sqlite3';
import type { Entry } from '../../core/report/entry.ts';

/** A private temporary file of SQLite’s, which takes the same memory however much is put into it. */
function openScratchFile(schema: string): Database.Database {
  const db = new Database('');
  db.exec(`PRAGMA cache_size = -2048; ${schema}`); // KiB
  db.exec('BEGIN'); // one for all: nothing here must outlive this process
  return db;
}

/** Entries of a report, kept outside of memory; gone through in the order that `reportFacts` asks for, as often as wanted. */
export type EntryScratch = Iterable<Entry> & {
  add(entry: Entry): void;
  count(): number;
  close(): void;
};

export function openEntryScratch(): EntryScratch {
  const db = openScratchFile(`
    CREATE TABLE entry (host TEXT, chain TEXT, sequence INTEGER, digest TEXT, ended INTEGER, entry TEXT,
      PRIMARY KEY (host, chain, sequence, digest)) WITHOUT ROWID`);
  const add = db.prepare('INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?)');
  const chains = db.prepare<[], { host: string; chain: string }>(
    'SELECT host, chain FROM entry GROUP BY host, chain ORDER BY host, min(ended), chain',
  );
  const inChain = db.prepare<[string, string], { entry: string }>(
    'SELECT entry FROM entry WHERE host = ? AND chain = ? ORDER BY sequence, digest',
  );
  return {
    add(entry) {
      const { host_id, chain_id, sequence, sha256, ended } = entry;
      add.run(host_id, chain_id, sequence, sha256, ended, JSON.stringify(entry));
    },
    count: () => Number(db.prepare('SELECT count(*) FROM entry').pluck().get()),
    *[Symbol.iterator]() {
      for (const { host, chain } of chains.all())
        for (const { entry } of inChain.iterate(host, chain)) yield JSON.parse(entry) as Entry;
    },
    close: () => db.close(),
  };
}

/** Digests of files by name, kept outside of memory. */
export type DigestScratch = {
  add(name: string, digest: string): void;
  get(name: string): string | undefined;
  /** By name, as `SHA256SUMS` has them. */
  inOrder(): Iterable<{ readonly name: string; readonly digest: string }>;
  close(): void;
};

export function openDigestScratch(): DigestScratch {
  const db = openScratchFile(
    'CREATE TABLE file (name TEXT PRIMARY KEY, digest TEXT) WITHOUT ROWID',
  );
  const add = db.prepare('INSERT OR REPLACE INTO file VALUES (?, ?)');
  const get = db.prepare<[string], string>('SELECT digest FROM file WHERE name = ?').pluck();
  const all = db.prepare<[], { name: string; digest: string }>(
    'SELECT name, digest FROM file ORDER BY name',
  );
  return {
    add: (name, digest) => void add.run(name, digest),
    get: (name) => get.get(name),
    inOrder: () => ({ [Symbol.iterator]: () => all.iterate() }),
    close: () => db.close(),
  };
}
