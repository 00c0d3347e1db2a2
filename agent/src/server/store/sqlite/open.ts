import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { InputError } from '../../../wire/input.ts';
import type { Store } from '../store.ts';
import { evidenceTable } from './evidence.ts';
import { hostsTable } from './hosts.ts';
import { logTables } from './log.ts';
import { ordersTable } from './orders.ts';
import { readersTable } from './readers.ts';
import { MIGRATIONS } from './schema.ts';
import { viewTables } from './views.ts';

/**
 * Opens the server’s database, or makes it. WAL with `synchronous=FULL`: a commit that returned survives a power cut
 * (https://sqlite.org/pragma.html#pragma_synchronous). Throws `InputError` for a file that is no such database.
 */
export function openSqliteStore(path: string): Store {
  const database = open(path);
  let checkpoints: { stop(): Promise<void> } | undefined;
  const { applyOutcome, ...orders } = ordersTable(database);
  const { keysOf, succeed, forget, ...hosts } = hostsTable(database);
  return {
    ...hosts,
    ...orders,
    ...logTables(database),
    ...readersTable(database),
    ...viewTables(database),
    ...evidenceTable(database, { keysOf, succeed, forget, applyOutcome }),
    async maintain() {
      if (checkpoints !== undefined) return;
      const { checkpointApart, LAST_RESORT } = await import('./checkpoints.ts');
      // Should the thread fail, this connection does it again; what broke it will break a commit too, and be told there.
      const again = () => database.pragma('wal_autocheckpoint = 1000');
      checkpoints = checkpointApart(path, again);
      database.pragma(`wal_autocheckpoint = ${LAST_RESORT}`);
    },
    async close() {
      await checkpoints?.stop();
      database.close();
    },
  };
}

function open(path: string): Database.Database {
  const wrong = (found: string, expected: string, cause?: unknown) =>
    new InputError(path, [{ field: 'database', found, expected }], { cause });
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: 10_000 });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    const version = database.transaction(migrate).immediate(database);
    if (version > MIGRATIONS.length) {
      throw wrong(
        `version ${version}`,
        `expected at most ${MIGRATIONS.length}: a newer server wrote it`,
      );
    }
    return database;
  } catch (cause) {
    database?.close();
    if (cause instanceof InputError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw wrong(
      found,
      'expected a database of this server, or a path where one can be made',
      cause,
    );
  }
}

/** Brings a database to the present form; the version that it then has. */
function migrate(database: Database.Database): number {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version >= MIGRATIONS.length) return version;
  for (const statements of MIGRATIONS.slice(version)) database.exec(statements);
  database
    .prepare('INSERT INTO log SELECT ? WHERE NOT EXISTS (SELECT 1 FROM log)')
    .run(randomUUID());
  database.pragma(`user_version = ${MIGRATIONS.length}`);
  return MIGRATIONS.length;
}
