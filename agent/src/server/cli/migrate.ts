import { InputError } from '../../wire/input.ts';
import { DEFAULT_CONFIG, readSettings } from '../settings.ts';
import type { ConfigOption } from './config-option.ts';

/** For `serve` that may not become the owner, as with peer authentication, where a role is a user of the host. */
export async function migrateDatabase({
  config,
  owner: asked,
}: ConfigOption & { readonly owner?: string }): Promise<void> {
  const { postgresql } = await readSettings(config);
  const wrong = (field: string, expected: string) =>
    new InputError(config ?? DEFAULT_CONFIG, [{ field, found: 'nothing', expected }]);
  if (postgresql === undefined) {
    throw wrong('postgresql', 'expected it: SQLite is brought to its form by serve itself');
  }
  const owner = asked ?? postgresql.owner;
  if (owner === undefined) throw wrong('postgresql.owner', 'expected a role here, or --owner');
  const { migratePostgresql } = await import('../store/postgresql/migrate.ts');
  const version = await migratePostgresql(postgresql, owner);
  console.log(`${postgresql.database}: version ${version}; ${postgresql.user} may serve it`);
}
