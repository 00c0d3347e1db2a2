import { FailureError } from '../../../wire/failure.ts';
import { InputError } from '../../../wire/input.ts';
import type { PostgresqlSettings } from '../../settings.ts';
import type { Store } from '../store.ts';
import { connect } from './connect.ts';
import { evidenceTables } from './evidence.ts';
import { hostTables } from './hosts.ts';
import { logTables } from './log.ts';
import { migratePostgresql } from './migrate.ts';
import { orderTable } from './orders.ts';
import { readerTables } from './readers.ts';
import { MIGRATIONS } from './schema.ts';
import { viewTables } from './views.ts';

/**
 * Opens the fleet’s database. With `owner` it first brings it to the present form. Throws `InputError` where the
 * database is of another form, or where the server’s role could change evidence.
 */
export async function openPostgresqlStore(settings: PostgresqlSettings): Promise<Store> {
  const wrong = (field: string, found: string, expected: string, cause?: unknown) =>
    new InputError('postgresql', [{ field, found, expected }], { cause });
  const sql = connect(settings, 'server', settings.user);
  try {
    if (settings.owner !== undefined) await migratePostgresql(settings, settings.owner);
    const [version] = await sql<{ version: number }[]>`
      SELECT coalesce(max(version), 0) AS version FROM schema_versions`;
    if (version?.version !== MIGRATIONS.length) {
      const found = `a database of version ${version?.version}`;
      throw wrong(
        'database',
        found,
        `expected version ${MIGRATIONS.length}, as compliance-server migrate makes it`,
      );
    }
    const [rights] = await sql<{ too_many: boolean }[]>`
      SELECT bool_or(has_table_privilege(name, 'UPDATE, DELETE, TRUNCATE')) AS too_many
      FROM unnest(ARRAY['evidence', 'places', 'log_leaves', 'log_nodes', 'checkpoints',
        'order_events']) AS name`;
    if (rights?.too_many !== false) {
      const expected = 'expected a role that can neither change nor remove evidence';
      throw wrong('user', settings.user, expected);
    }
    await sql`SELECT make_partitions()`;
  } catch (cause) {
    await sql.end({ timeout: 1 });
    if (cause instanceof InputError || cause instanceof FailureError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    const expected = 'expected what compliance-server migrate makes, and this role may use';
    throw wrong('database', found, expected, cause);
  }
  const { applyOutcome, ...orders } = orderTable(sql);
  const { succeed, ...hosts } = hostTables(sql);
  return {
    ...hosts,
    ...orders,
    ...logTables(sql),
    ...readerTables(sql),
    ...viewTables(sql),
    ...evidenceTables(sql, { succeed, applyOutcome }),
    async maintain() {
      await sql`SELECT make_partitions()`;
    },
    close: () => sql.end({ timeout: 5 }),
  };
}
