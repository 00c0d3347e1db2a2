import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { Failure } from '../../wire/failure.ts';
import { syncFile, syncFolder, syncTogether, writeDurably } from '../durable.ts';
import { storeFailure } from './failures.ts';
import { bundleFolder, FILE_MODE, FOLDER_MODE, type Layout } from './folders.ts';
import type { Db } from './schema.ts';

/** Bundles that may wait before an append sees to their files itself. */
const ENOUGH = 256;

/** Files that are flushed at once, each with a descriptor. */
const TOGETHER = 96;

const FILES = ['bundle.json', 'bundle.sig'] as const;

type Row = { ended_at: number; bundle_id: string; bytes: Buffer; signature: string };

/**
 * Bundles whose files may not be on the disk yet. The commit that puts a bundle into the index keeps its bytes too, so
 * the one fsync(2) that an append waits for, of SQLite’s log, makes all of it durable. Its files are written before that
 * commit, without one: four more, of two files and two folders, each a wait for the disk that adds nothing to the
 * promise. `settle` makes up for them when nobody waits, and only then the rows go. A start after a crash finds the rows
 * and writes the files anew, whatever the power cut left of them.
 */
export function prepareUnsynced(db: Db, paths: Layout) {
  const insert = db.prepare<[number, Uint8Array, string]>('INSERT INTO unsynced VALUES (?, ?, ?)');
  // A bundle that retention has removed since is in the index no more, and does not come back.
  const waiting = db.prepare<[], Row>(
    `SELECT ended_at, bundle_id, bytes, signature FROM unsynced JOIN bundle USING (position)
      ORDER BY position`,
  );
  const places = db.prepare<[], Pick<Row, 'ended_at' | 'bundle_id'>>(
    'SELECT ended_at, bundle_id FROM unsynced JOIN bundle USING (position) ORDER BY position',
  );
  const count = db.prepare<[], number>('SELECT count(*) FROM unsynced').pluck();
  const newest = db.prepare<[], number>('SELECT max(position) FROM unsynced').pluck();
  const forget = db.prepare<[number]>('DELETE FROM unsynced WHERE position <= ?');
  /** A failed fsync(2) may have dropped what it could not write, and the next one then succeeds: write anew. */
  let trusted = true;
  let flushing: Promise<Failure | null> | null = null;

  const folderOf = ({ ended_at, bundle_id }: Pick<Row, 'ended_at' | 'bundle_id'>) =>
    bundleFolder(paths.evidence, { endedAt: ended_at, bundleId: bundle_id });
  const seeTo = (each: (folder: string, row: Row) => void) => {
    const days = new Set<string>();
    for (const row of waiting.iterate()) {
      const folder = folderOf(row);
      each(folder, row);
      syncFolder(folder);
      days.add(dirname(folder));
    }
    if (days.size === 0) return;
    for (const folder of withParents(days, paths.evidence)) syncFolder(folder);
  };
  const writeAnew = (folder: string, { bytes, signature }: Row) => {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    for (const [name, contents] of [
      ['bundle.json', bytes],
      ['bundle.sig', signature],
    ] as const) {
      const fresh = join(paths.incoming, name);
      rmSync(fresh, { force: true });
      writeDurably(fresh, contents, FILE_MODE);
      renameSync(fresh, join(folder, name));
    }
  };
  const sync = (folder: string) => {
    for (const name of FILES) syncFile(join(folder, name));
  };

  /** Without a wait for the disk: rows that come back after a power cut are seen to once more, and nothing else. */
  const forgetLazily = (until: number) => {
    db.pragma('synchronous = NORMAL');
    try {
      forget.run(until);
    } finally {
      db.pragma('synchronous = FULL');
    }
  };
  const flush = async (until: number): Promise<Failure | null> => {
    try {
      trusted = false;
      const folders = places.all().map(folderOf);
      const files = folders.flatMap((folder) => FILES.map((name) => join(folder, name)));
      const days = new Set(folders.map((folder) => dirname(folder)));
      await syncAll(files);
      await syncAll([...folders, ...withParents(days, paths.evidence)]);
      trusted = true;
      forgetLazily(until);
      return null;
    } catch (error) {
      return storeFailure(error, 'store').failure;
    }
  };
  const settleNow = (): Failure | null => {
    const until = newest.get() ?? null;
    if (until === null || flushing !== null) return null;
    const each = trusted ? sync : writeAnew;
    try {
      trusted = false;
      seeTo(each);
      trusted = true;
      forgetLazily(until);
      return null;
    } catch (error) {
      return storeFailure(error, 'store').failure;
    }
  };

  return {
    /** Part of the transaction that puts the bundle into the index. */
    keep: (position: number, { bytes, signature }: { bytes: Uint8Array; signature: string }) =>
      void insert.run(position, bytes, signature),
    /** Writes the files of every waiting bundle anew, durably. For a start, before anything looks at them. */
    restore(): void {
      seeTo(writeAnew);
      forget.run(newest.get() ?? 0);
    },
    isFull: () => (count.get() ?? 0) >= ENOUGH,
    /** As `settle`, for who cannot wait; does nothing while that is under way. */
    settleNow,
    /**
     * Waits until the disk has the files of every waiting bundle. Gives why it could not take them, null where it did;
     * nothing is lost by that, as the rows then stay.
     */
    async settle(): Promise<Failure | null> {
      const until = newest.get() ?? null;
      if (until === null) return null; // as after most cycles
      if (!trusted && flushing === null) return settleNow();
      flushing ??= flush(until).finally(() => {
        flushing = null;
      });
      return flushing;
    },
  };
}
export type Unsynced = ReturnType<typeof prepareUnsynced>;

/** Writes what waits in an index that is about to be made anew from the folders; nothing where it cannot be read. */
export function restoreFrom(paths: Layout): void {
  if (!existsSync(paths.database)) return;
  let db: Db | undefined;
  try {
    db = new Database(paths.database);
    mkdirSync(paths.incoming, { recursive: true, mode: FOLDER_MODE });
    prepareUnsynced(db, paths).restore();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error; // else damaged, or of an older version
  } finally {
    db?.close();
  }
}

async function syncAll(paths: readonly string[]): Promise<void> {
  for (let at = 0; at < paths.length; at += TOGETHER)
    await syncTogether(paths.slice(at, at + TOGETHER));
}

/** Folders with those above them, up to and with `root`, the deepest first. */
function withParents(folders: Iterable<string>, root: string): string[] {
  const all = new Set<string>();
  for (let folder of folders) {
    for (; folder.length > root.length; folder = dirname(folder)) all.add(folder);
  }
  return [...[...all].sort((a, b) => b.length - a.length), root];
}
