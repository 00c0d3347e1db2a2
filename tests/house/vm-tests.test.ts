import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPOSITORY, testWith } from '../support/suite.ts';

/** One thing broken in the product, and part of what its scenario then says; `find` occurs in the file once. */
type Fault = { what: string; file: string; find: string; replace: string; says: string };

const FOLDER = join(REPOSITORY, 'vm-tests');
const scenarios = readdirSync(FOLDER).filter((name) =>
  existsSync(join(FOLDER, name, 'scenario.nix')),
);
const read = (...path: string[]) => readFileSync(join(FOLDER, ...path), 'utf8');

for (const scenario of scenarios) {
  test(`${scenario}: a script that says what it proves, a limit, a Debian, a line in the README`, () => {
    assert.match(read(scenario, 'scenario.py'), /^"""[A-Z`]/);
    assert.match(read(scenario, 'scenario.nix'), /^ {2}globalTimeout = \d+;$/m);
    assert.match(read(scenario, 'debian.json'), /"rig": "(nspawn|qemu)"/);
    assert.ok(read('README.md').includes(`| \`${scenario}\` |`));
  });

  test(`${scenario}: two deliberate faults that can still be made`, () => {
    const faults: Fault[] = JSON.parse(read(scenario, 'faults.json'));
    assert.ok(faults.length >= 2);
    for (const { what, file, find, replace, says } of faults) {
      assert.match(file, /^agent\/(src|units)\//, 'the product’s, not a test’s');
      const parts = readFileSync(join(REPOSITORY, file), 'utf8').split(find);
      assert.is(parts.length, 2, `${what}: ${file} has just one: ${find}`);
      assert.is.not(find, replace);
      assert.ok(says !== '');
    }
  });
}

testWith(
  { tools: ['mypy', 'pyflakes3', 'python3'] },
  'every script asks only what both drivers have',
  () => {
    const { status, stdout, stderr } = spawnSync(
      'python3',
      ['-B', join(FOLDER, 'driver/lint.py')],
      {
        encoding: 'utf8',
      },
    );
    assert.is(status, 0, stdout + stderr);
  },
);

test.run();
