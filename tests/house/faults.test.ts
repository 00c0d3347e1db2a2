import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPOSITORY } from '../support/suite.ts';
import { FAULTS } from '../system/faults/table.ts';

const scenarios = readdirSync(join(REPOSITORY, 'tests/system/scenarios')).map((file) =>
  file.replace(/\.ts$/, ''),
);

test('every scenario has a deliberate fault, and every fault a scenario', () => {
  assert.equal([...new Set(FAULTS.map(({ scenario }) => scenario))].sort(), scenarios.sort());
});

for (const { scenario, what, file, find, replace } of FAULTS)
  test(`it can still be made: ${scenario}: ${what}`, () => {
    assert.match(file, /^agent\/(src|units)\//, 'the product’s, not a test’s');
    const parts = readFileSync(join(REPOSITORY, file), 'utf8').split(find);
    assert.is(parts.length, 2, `${file} has just one: ${find}`);
    assert.is.not(find, replace);
  });

test.run();
