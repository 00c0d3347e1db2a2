import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  settingsMarkdown,
  settingsTable,
  withSettings,
} from '../../agent/src/agent/settings-table.ts';
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

test('the README holds the table of this version (npm --prefix agent run docs rewrites it)', () => {
  const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
  assert.is(readme, withSettings(readme, settingsMarkdown()));
});

test('a document without markers is refused', () => {
  assert.throws(() => withSettings('text', 'table'), /no <!-- settings/);
});

test.run();
