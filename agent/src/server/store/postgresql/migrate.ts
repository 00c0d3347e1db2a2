import { InputError } from '../../../wire/input.ts';
import type { PostgresqlSettings } from '../../settings.ts';
import { connect } from './connect.ts';
import { grants, MIGRATIONS } from './schema.ts';

/**
 * Any numbers that no other program of this database locks: migrations are applied by one at a time, and never while a
 * server makes partitions (`make_partitions` takes the second), since both change rows of the catalogue.
 */
const MIGRATION_LOCK = 7_401_912;
const PARTITION_LOCK = 7_401_913;

/**
 * Brings the database to the present form, as the role that owns its tables, and gives the server’s role its rights.
 * Gives the version that it has then.
 */
export async function migratePostgresql(
  settings: PostgresqlSettings,
  owner: string,
): Promise<number> {
  const sql = connect(settings, 'owner', owner);
  try {
    return await sql.begin(async (tx) => {
      await tx`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`;
      await tx`SELECT pg_advisory_xact_lock(${PARTITION_LOCK})`;
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
      return Math.max(done, MIGRATIONS.length);
    });
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    const expected = `expected a database that ${owner} owns and may enter`;
    throw new InputError('postgresql', [{ field: 'owner', found, expected }], { cause });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
