import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import {
  type Postgresql,
  postgresqlPrograms,
  startPostgresql,
} from '../../agent/demo/postgresql.ts';
import { PostgresqlSettings } from '../../agent/src/server/settings.ts';
import { openPostgresqlStore } from '../../agent/src/server/store/postgresql/open.ts';
import { openSqliteStore } from '../../agent/src/server/store/sqlite/open.ts';
import type { Store } from '../../agent/src/server/store/store.ts';
import { missing, testWith } from './suite.ts';

/** A fresh database, as one server or as several open it. */
export type TestDatabase = {
  open(): Promise<Store>;
  remove(): Promise<void>;
};

let server: Promise<Postgresql> | undefined;
let migrated: Promise<unknown> | undefined;
let databases = 0;
const TEMPLATE = 'migrated';

/**
 * A fresh database of the one PostgreSQL of this test file, which starts when it is first needed: a copy of one that was
 * migrated once, unless it is to be empty.
 */
export async function postgresqlDatabase({
  empty = false,
} = {}): Promise<TestDatabase & { settings: PostgresqlSettings }> {
  server ??= startPostgresql();
  const { makeDatabase } = await server;
  migrated ??= makeDatabase(TEMPLATE).then(async (made) =>
    (await openPostgresqlStore(PostgresqlSettings.parse(made))).close(),
  );
  await migrated;
  databases += 1;
  const made = await makeDatabase(`test_${databases}`, empty ? {} : { template: TEMPLATE });
  const settings = PostgresqlSettings.parse(made);
  return { settings, open: () => openPostgresqlStore(settings), remove: async () => {} };
}

/**
 * What a suite about the server runs on: SQLite, or PostgreSQL in the file beside it that runs it once
 * more by `againOnPostgresql`.
 */
export const databaseUnderTest = async (): Promise<TestDatabase & { path?: string }> =>
  process.env.STORE_UNDER_TEST === 'PostgreSQL' ? postgresqlDatabase() : sqliteDatabase();

/** Runs the suite of another file once more, on PostgreSQL. */
export async function againOnPostgresql(suite: string): Promise<void> {
  const reason = missing(POSTGRESQL);
  if (reason !== null) {
    testWith(POSTGRESQL, `${suite} on PostgreSQL`, () => {});
    test.run();
    return;
  }
  process.env.STORE_UNDER_TEST = 'PostgreSQL';
  await import(new URL(`../server/${suite}.test.js`, import.meta.url).href);
}

export function sqliteDatabase(): TestDatabase & { path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'compliance-store-'));
  const path = join(folder, 'server.db');
  return {
    path,
    open: async () => openSqliteStore(path),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** To be called after the last test of a file that uses PostgreSQL. */
export async function stopPostgresql(): Promise<void> {
  await (await server)?.stop();
}

export const POSTGRESQL = { paths: [postgresqlPrograms() ?? '/usr/lib/postgresql'] };

/** The same test on both databases. */
export function testStores(
  name: string,
  body: (database: TestDatabase, kind: 'SQLite' | 'PostgreSQL') => Promise<void>,
): void {
  const run = async (database: TestDatabase, kind: 'SQLite' | 'PostgreSQL') => {
    try {
      await body(database, kind);
    } finally {
      await database.remove();
    }
  };
  testWith({}, `${name} (SQLite)`, () => run(sqliteDatabase(), 'SQLite'));
  testWith(POSTGRESQL, `${name} (PostgreSQL)`, async () =>
    run(await postgresqlDatabase(), 'PostgreSQL'),
  );
}
