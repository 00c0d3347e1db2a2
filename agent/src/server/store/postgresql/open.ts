import postgres from 'postgres';
import { FailureError } from '../../../wire/failure.ts';
import { InputError } from '../../../wire/input.ts';
import type { PostgresqlSettings } from '../../settings.ts';
import type { Store } from '../store.ts';
import { evidenceTables } from './evidence.ts';
import { hostTables } from './hosts.ts';
import { logTables } from './log.ts';
import { orderTable } from './orders.ts';
import { grants, MIGRATIONS } from './schema.ts';

const MAX_CONNECTIONS = 8;
/** Any number that no other program of this database locks: migrations are applied by one server at a time. */
const MIGRATION_LOCK = 7_401_912;

export type Sql = ReturnType<typeof connect>;

/**
 * Opens the fleet’s database. With `owner` it first brings it to the present form. Throws `InputError` where the
 * database is of another form, or where the server’s role could change evidence.
 */
export async function openPostgresqlStore(settings: PostgresqlSettings): Promise<Store> {
  const wrong = (field: string, found: string, expected: string, cause?: unknown) =>
    new InputError('postgresql', [{ field, found, expected }], { cause });
  const sql = connect(settings, settings.user);
  try {
    if (settings.owner !== undefined) await migrate(settings, settings.owner);
    const [version] = await sql<{ version: number }[]>`
      SELECT coalesce(max(version), 0) AS version FROM schema_versions`;
    if (version?.version !== MIGRATIONS.length) {
      const found = `a database of version ${version?.version}`;
      throw wrong('database', found, `expected version ${MIGRATIONS.length}`);
    }
    const [rights] = await sql<{ too_many: boolean }[]>`
      SELECT bool_or(has_table_privilege(name, 'UPDATE, DELETE, TRUNCATE')) AS too_many
      FROM unnest(ARRAY['evidence', 'places', 'log_leaves', 'log_nodes', 'checkpoints']) AS name`;
    if (rights?.too_many !== false) {
      const expected = 'expected a role that can neither change nor remove evidence';
      throw wrong('user', settings.user, expected);
    }
    await sql`SELECT make_partitions()`;
  } catch (cause) {
    await sql.end({ timeout: 1 });
    if (cause instanceof InputError || cause instanceof FailureError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw wrong('database', found, 'expected a database that this role may use', cause);
  }
  const { applyOutcome, ...orders } = orderTable(sql);
  const { succeed, ...hosts } = hostTables(sql);
  return {
    ...hosts,
    ...orders,
    ...logTables(sql),
    ...evidenceTables(sql, { succeed, applyOutcome }),
    async maintain() {
      await sql`SELECT make_partitions()`;
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

function connect({ host, port, database, password }: PostgresqlSettings, user: string) {
  return postgres({
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    max: MAX_CONNECTIONS,
    connect_timeout: 5,
    onnotice: () => {},
    // Whatever the role’s default is: what is acknowledged is on the disk.
    connection: { synchronous_commit: 'on', application_name: 'compliance-server' },
    types: {
      time: {
        to: 1184,
        from: [1184],
        serialize: (text: string) => text,
        parse: (text: string) => new Date(text).toISOString(),
      },
      bigint: { to: 20, from: [20], serialize: String, parse: Number },
    },
  });
}

async function migrate(settings: PostgresqlSettings, owner: string): Promise<void> {
  const sql = connect(settings, owner);
  try {
    await sql.begin(async (tx) => {
      await tx`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`;
      await tx`CREATE TABLE IF NOT EXISTS schema_versions (
        version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`;
      const [last] = await tx<{ version: number }[]>`
        SELECT coalesce(max(version), 0) AS version FROM schema_versions`;
      const done = last?.version ?? 0;
      for (const [index, statements] of MIGRATIONS.entries()) {
        if (index < done) continue;
        await tx.unsafe(statements);
        await tx`INSERT INTO schema_versions (version) VALUES (${index + 1})`;
      }
      await tx.unsafe(grants(`"${settings.user.replaceAll('"', '""')}"`));
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
