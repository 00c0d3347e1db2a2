import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PostgresqlSettings } from '../../src/server/settings.ts';
import { openPostgresqlStore } from '../../src/server/store/postgresql/open.ts';
import { openSqliteStore } from '../../src/server/store/sqlite/open.ts';
import type { LoadHost } from './bundles.ts';

const PROGRAM = fileURLToPath(new URL('../../../../dist/compliance-server.js', import.meta.url));

/** The command that serves a database in which the hosts are enrolled. */
export async function prepareServer({
  place,
  hosts,
  settings,
  postgresql: made,
}: {
  place: string;
  hosts: readonly LoadHost[];
  settings: Record<string, unknown>;
  /** Where the database is; SQLite where it is left out. */
  postgresql: unknown;
}): Promise<string[]> {
  const key = join(place, 'receipt.key');
  writeFileSync(key, randomBytes(32), { mode: 0o600 });
  const postgresql = PostgresqlSettings.optional().parse(made);
  const database_path = join(place, 'server.db');
  const all = {
    listen_port: 0,
    client_ca_file: join(place, 'ca.crt'),
    cert_file: join(place, 'server.crt'),
    key_file: join(place, 'server.key'),
    receipt_key_file: key,
    database_path,
    postgresql,
    ...settings,
  };
  const config = join(place, 'config.json');
  writeFileSync(config, JSON.stringify(all));
  const store = postgresql ? await openPostgresqlStore(postgresql) : openSqliteStore(database_path);
  const now = new Date().toISOString();
  for (const { hostId, signer } of hosts) {
    const { keyId, publicKey } = signer;
    const entry = { hostId, siteId: 'load', resellerId: null, keyId, publicKey };
    await store.enrol({ ...entry, replaceKey: false, now });
  }
  await store.close();
  return [PROGRAM, 'serve', '--config', config];
}
