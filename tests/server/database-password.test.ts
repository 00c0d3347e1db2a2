import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PostgresqlSettings } from '../../agent/src/server/settings.ts';
import { openPostgresqlStore } from '../../agent/src/server/store/postgresql/open.ts';
import { POSTGRESQL, postgresqlDatabase, stopPostgresql } from '../support/server-stores.ts';
import { testWith } from '../support/suite.ts';

const complaint = (settings: PostgresqlSettings): Promise<string> =>
  openPostgresqlStore(settings).then(
    (store) => store.close().then(() => 'opened'),
    ({ message }) => message,
  );

testWith(POSTGRESQL, 'a role that has a password enters by the file that holds it', async () => {
  const { settings } = await postgresqlDatabase();
  const { owner: _, ...rest } = settings;
  const admin = postgres({ host: settings.host, user: 'postgres', database: 'postgres', max: 1 });
  await admin.unsafe(`CREATE ROLE asked LOGIN PASSWORD 'correct horse' IN ROLE "${settings.user}"`);
  const rules = join(settings.host, 'data', 'pg_hba.conf');
  writeFileSync(rules, `local all asked scram-sha-256\n${readFileSync(rules, 'utf8')}`);
  await admin`SELECT pg_reload_conf()`;
  const asked = { ...rest, user: 'asked' };
  for (let turn = 0; turn < 100 && (await complaint(asked)) === 'opened'; turn += 1);
  await admin.end();

  const folder = mkdtempSync(join(tmpdir(), 'password-'));
  const file = join(folder, 'password');
  const withFile = { ...asked, password_file: file };
  writeFileSync(file, 'correct horse\n', { mode: 0o600 });
  assert.is(await complaint(withFile), 'opened');
  writeFileSync(file, 'wrong horse\n');
  assert.match(await complaint(withFile), /password authentication failed/);
  assert.not.match(await complaint(withFile), /wrong horse/);
  chmodSync(file, 0o644);
  assert.match(await complaint(withFile), /password: .*mode/);
  rmSync(folder, { recursive: true });
  assert.match(await complaint(withFile), /password: /);
});

test.after(stopPostgresql);
test.run();
