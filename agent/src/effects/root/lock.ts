import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { FailureError } from '../../wire/failure.ts';

/**
 * Takes a named lock of the root-owned folder until `release` or the death of this process. The lock is the kernel’s
 * (fcntl(2), by way of SQLite), so none is left behind. `patience`: milliseconds to wait before `busy` is thrown.
 */
export function takeRootLock(folder: string, name: string, patience: number): { release(): void } {
  const file = join(folder, `${name}.lock`);
  // Closed to others: a reader’s shared lock would keep root out.
  if (!existsSync(file)) writeFileSync(file, '', { mode: 0o600, flag: 'a' });
  const db = new Database(file, { timeout: patience });
  try {
    db.pragma('journal_mode = MEMORY'); // nothing is ever written to it
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY'))
      throw new FailureError('busy', { where: `root.${name}` }, { cause });
    throw cause;
  }
  return { release: () => db.close() };
}
