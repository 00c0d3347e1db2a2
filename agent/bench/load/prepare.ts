import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgresql } from '../../demo/postgresql.ts';
import { PostgresqlSettings } from '../../src/server/settings.ts';
import { openPostgresqlStore } from '../../src/server/store/postgresql/open.ts';
import { openSqliteStore } from '../../src/server/store/sqlite/open.ts';
import type { Store } from '../../src/server/store/store.ts';
import type { LoadHost } from './bundles.ts';

const PROGRAM = fileURLToPath(new URL('../../../../dist/compliance-server.js', import.meta.url));

/** The command that serves a database in which the hosts are enrolled. */
export async function prepareServer({
  name,
  place,
  hosts,
}: {
  name: string;
  place: string;
  hosts: readonly LoadHost[];
}): Promise<{ command: string[]; end: () => Promise<void> }> {
  const key = join(place, 'receipt.key');
  writeFileSync(key, randomBytes(32), { mode: 0o600 });
  const settings = {
    listen_port: 0,
    client_ca_file: join(place, 'ca.crt'),
    cert_file: join(place, 'server.crt'),
    key_file: join(place, 'server.key'),
    receipt_key_file: key,
    database_path: join(place, 'server.db'),
    log_level: 'info',
  };
  // /var/tmp is on a disk, and its own user may go there.
  const cluster =
    name === 'postgresql' ? await startPostgresql({ durable: true, under: '/var/tmp' }) : null;
  const postgresql = PostgresqlSettings.optional().parse(await cluster?.makeDatabase('load'));
  const config = join(place, 'config.json');
  writeFileSync(config, JSON.stringify({ ...settings, postgresql }));
  const store = postgresql
    ? await openPostgresqlStore(postgresql)
    : openSqliteStore(settings.database_path);
  await enrolAll(store, hosts);
  await store.close();
  return { command: [PROGRAM, 'serve', '--config', config], end: async () => cluster?.stop() };
}

async function enrolAll(store: Store, hosts: readonly LoadHost[]): Promise<void> {
  const now = new Date().toISOString();
  for (const { hostId, signer } of hosts) {
    const { keyId, publicKey } = signer;
    const place = { siteId: 'load', resellerId: null };
    await store.enrol({ hostId, ...place, keyId, publicKey, replaceKey: false, now });
  }
}
