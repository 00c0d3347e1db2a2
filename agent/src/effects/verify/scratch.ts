import Database from 'better-sqlite3';
import type { ChainEntry } from '../../core/chain.ts';
import type { BundleRow } from '../store/rows.ts';

/** A verified bundle: its index row, its name for people, and what it changes in the chain. */
export type Seen = Pick<ChainEntry, 'name' | 'event'> & {
  readonly row: Omit<BundleRow, 'position'>;
};

/** As it is kept: what is sorted by, and the rest as JSON. */
export type PackedSeen = {
  readonly place: readonly [chain_id: string, sequence: number, digest: string, ended_at: number];
  readonly name: string;
  readonly event: string | null;
  readonly row: string;
};

export function packSeen({ name, event, row }: Seen): PackedSeen {
  const { chain_id, sequence, sha256, ended_at } = row;
  return {
    place: [chain_id, sequence, sha256, ended_at],
    name,
    event: event && JSON.stringify(event),
    row: JSON.stringify(row),
  };
}

/**
 * What was seen of an evidence folder, kept in a private temporary file of SQLite’s, so that folders of any size are
 * put into chain order with flat memory.
 */
export function openScratch() {
  const db = new Database('');
  db.exec(`
    PRAGMA cache_size = -2048; -- KiB; what is beyond goes to the file
    CREATE TABLE seen (chain_id TEXT, sequence INTEGER, digest TEXT, ended_at INTEGER, name TEXT, event TEXT, row TEXT,
      PRIMARY KEY (chain_id, sequence, digest, name)) WITHOUT ROWID; -- in order at once: sorting later takes memory
    CREATE TABLE unproved (name TEXT);`);
  db.exec('BEGIN'); // one for all: nothing here must outlive this process
  const add = db.prepare('INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?)');
  const setAside = db.prepare('INSERT INTO unproved VALUES (?)');
  const addPacked = ({ place, name, event, row }: PackedSeen): void => {
    const [chain_id, sequence, digest, ended_at] = place;
    add.run(chain_id, sequence, digest, ended_at, name, event, row);
  };
  return {
    add: (seen: Seen): void => addPacked(packSeen(seen)),
    /** As `add`, of what another thread has packed. */
    addPacked,
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
          'SELECT chain_id FROM seen GROUP BY chain_id ORDER BY min(ended_at), chain_id',
        )
        .all();
      const entries = db.prepare<[string], { name: string; event: string | null; row: string }>(
        'SELECT name, event, row FROM seen WHERE chain_id = ? ORDER BY sequence, digest',
      );
      for (const { chain_id } of chains)
        for (const { name, event, row } of entries.iterate(chain_id))
          yield { name, event: event && JSON.parse(event), row: JSON.parse(row) };
    },
    close: () => db.close(),
  };
}
export type Scratch = ReturnType<typeof openScratch>;

/** A seen bundle as its entry in the chain. */
export function chainEntryOf({ name, event, row }: Seen): ChainEntry {
  const { chain_id, sequence, previous_digest, key_id, sha256: digest } = row;
  return { name, event, chain_id, sequence, previous_digest, key_id, digest };
}
