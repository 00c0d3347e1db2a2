import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { Failure } from '../../wire/failure.ts';
import { syncFile, syncFolder, writeDurably } from '../durable.ts';
import { storeFailure } from './failures.ts';
import { bundleFolder, FILE_MODE, FOLDER_MODE, type Layout } from './folders.ts';
import type { Db } from './schema.ts';

/** Bundles that may wait before an append sees to their files itself. */
const ENOUGH = 256;

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
  const count = db.prepare<[], number>('SELECT count(*) FROM unsynced').pluck();
  const forget = db.prepare('DELETE FROM unsynced');
  /** A failed fsync(2) may have dropped what it could not write, and the next one then succeeds: write anew. */
  let trusted = true;

  const seeTo = (each: (folder: string, row: Row) => void) => {
    const days = new Set<string>();
    for (const row of waiting.iterate()) {
      const folder = bundleFolder(paths.evidence, {
        endedAt: row.ended_at,
        bundleId: row.bundle_id,
      });
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
    for (const name of ['bundle.json', 'bundle.sig']) syncFile(join(folder, name));
  };

  return {
    /** Part of the transaction that puts the bundle into the index. */
    keep: (position: number, { bytes, signature }: { bytes: Uint8Array; signature: string }) =>
      void insert.run(position, bytes, signature),
    /** Writes the files of every waiting bundle anew, durably. For a start, before anything looks at them. */
    restore(): void {
      seeTo(writeAnew);
      forget.run();
    },
    isFull: () => (count.get() ?? 0) >= ENOUGH,
    /**
     * Waits until the disk has the files of every waiting bundle. Gives why it could not take them, null where it did;
     * nothing is lost by that, as the rows then stay.
     */
    settle(): Failure | null {
      if (count.get() === 0) return null; // as after most cycles
      const each = trusted ? sync : writeAnew;
      try {
        trusted = false;
        seeTo(each);
        trusted = true;
        forget.run();
        return null;
      } catch (error) {
        return storeFailure(error, 'store').failure;
      }
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

/** Folders with those above them, up to and with `root`, the deepest first. */
function withParents(folders: Iterable<string>, root: string): string[] {
  const all = new Set<string>();
  for (let folder of folders) {
    for (; folder.length > root.length; folder = dirname(folder)) all.add(folder);
  }
  return [...[...all].sort((a, b) => b.length - a.length), root];
}
