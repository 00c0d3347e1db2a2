import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Db } from './schema.ts';

type Waiting = {
  channel: string;
  sha256: string;
  tries: number;
  due_ms: number;
  boot_id: string;
  failure: string | null;
};

/** The notices that wait in an index, by the digest of their bundle; null where it cannot be read. */
export function readWaitingNotices(file: string): Waiting[] | null {
  if (!existsSync(file)) return null;
  let db: Db | undefined;
  try {
    db = new Database(file, { fileMustExist: true });
    const columns = 'channel, sha256, tries, due_ms, boot_id, failure';
    return db
      .prepare<[], Waiting>(`SELECT ${columns} FROM outbox JOIN bundle USING (position)`)
      .all();
  } catch (error) {
    if (error instanceof Database.SqliteError) return null; // damaged, or from before there were notices
    throw error;
  } finally {
    db?.close();
  }
}

/** Puts them into another index, where their bundles may have other positions. Gives how many found theirs. */
export function writeWaitingNotices(db: Db, waiting: readonly Waiting[]): number {
  const insert = db.prepare(
    `INSERT INTO outbox SELECT @channel, position, @tries, @due_ms, @boot_id, @failure
      FROM bundle WHERE sha256 = @sha256`,
  );
  return waiting.reduce((sum, notice) => sum + insert.run(notice).changes, 0);
}
