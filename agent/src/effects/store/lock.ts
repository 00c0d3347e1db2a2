import { join } from 'node:path';
import Database from 'better-sqlite3';
import { FailureError } from '../../wire/failure.ts';

/**
 * Makes this process the one writer of a state folder until `release` or its death: an open exclusive transaction on a
 * database of its own, whose lock is the kernel’s (fcntl(2)) and dies with the process. Throws `busy` where another
 * process holds it.
 */
export function takeLock(stateDir: string): { release(): void } {
  const db = new Database(join(stateDir, 'writer.lock'), { timeout: 0 });
  try {
    db.pragma('journal_mode = MEMORY'); // nothing is ever written to it
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) {
      const message = `another process writes to ${stateDir} (is the agent running?)`;
      throw new FailureError('busy', { where: 'store' }, { cause, message });
    }
    throw cause;
  }
  return { release: () => db.close() };
}
