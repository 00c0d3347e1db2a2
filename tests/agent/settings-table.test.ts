import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settingsMarkdown, settingsTable } from '../../agent/src/agent/settings-table.ts';
import { ServerSettings } from '../../agent/src/server/settings.ts';
import { tableMarkdown, tableOf, withGenerated } from '../../agent/src/terminal/settings-table.ts';
import { REPOSITORY } from '../support/suite.ts';

test('27 settings have a variable, and every setting says what it means', () => {
  const rows = settingsTable();
  assert.is(rows.filter(({ variable }) => variable !== null).length, 27);
  assert.equal(
    rows.filter(({ description }) => description === ''),
    [],
  );
});

test('ranges and defaults are those of the schema', () => {
  const row = settingsTable().find(({ field }) => field === 'order_ttl');
  assert.is(row?.values, '60 to 604800');
  assert.is(row?.default, '86400');
});

test('the server says which settings it must have', () => {
  const rows = tableOf(ServerSettings);
  assert.equal(
    rows.filter(({ description }) => description === ''),
    [],
  );
  assert.match(rows.find(({ field }) => field === 'receipt_key_file')?.values ?? '', /required/);
  assert.is(rows.find(({ field }) => field === 'listen_port')?.default, '8443');
});

for (const [name, table] of [
  ['settings', settingsMarkdown()],
  ['server settings', tableMarkdown(tableOf(ServerSettings))],
] as const) {
  test(`the README holds the ${name} of this version (npm --prefix agent run docs rewrites them)`, () => {
    const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
    assert.is(readme, withGenerated(readme, name, table));
  });
}

test('a document without markers is refused', () => {
  assert.throws(() => withGenerated('text', 'settings', 'table'), /no <!-- settings/);
});

test.run();
