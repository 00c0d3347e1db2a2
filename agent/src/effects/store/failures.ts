import Database from 'better-sqlite3';
import { FailureError, toFailure } from '../../wire/failure.ts';

/** What SQLite and the file system say, as one of the closed codes. */
export function storeFailure(thrown: unknown, where: string): FailureError {
  if (thrown instanceof FailureError) return thrown;
  const options = { cause: thrown };
  if (!(thrown instanceof Database.SqliteError)) {
    const { code, params } = toFailure(thrown, where);
    return new FailureError(code, { ...params, where }, options);
  }
  const { code } = thrown;
  if (code === 'SQLITE_FULL') return new FailureError('storage_full', { where }, options);
  if (code.startsWith('SQLITE_READONLY')) return new FailureError('read_only', { where }, options);
  if (code.startsWith('SQLITE_BUSY')) return new FailureError('busy', { where }, options);
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
    return new FailureError('malformed', { where, reason: 'index' }, options);
  if (code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_PERM'))
    return new FailureError('denied', { where }, options);
  return new FailureError('internal', { where, reason: code }, options);
}

/** Runs a step of the store and gives its errors as `FailureError`. */
export function guarded<T>(where: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof Error && error.name === 'InputError') throw error;
    throw storeFailure(error, where);
  }
}
