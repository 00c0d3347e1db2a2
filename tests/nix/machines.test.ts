import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPOSITORY } from '../support/suite.ts';
import { evaluate, evaluated } from './nix.ts';

const folder = join(REPOSITORY, 'vm-tests');
const scenarios = readdirSync(folder).filter((name) =>
  existsSync(join(folder, name, 'scenario.nix')),
);

// One at a time: all at once would take more memory than an evaluation may.
for (const scenario of scenarios) {
  evaluated(`${scenario}: its machines evaluate to a driver`, () => {
    const { value, status, stderr } = evaluate(`vmTests.${scenario}`);
    assert.is(status, 0, stderr);
    assert.match(String(value), new RegExp(`-nixos-test-driver-${scenario}\\.drv$`));
  });
}

evaluated('the demo’s machines evaluate to a driver', () => {
  const { value, status, stderr } = evaluate('demo');
  assert.is(status, 0, stderr);
  assert.match(String(value), /-nixos-test-driver-compliance-demo\.drv$/);
});

test.run();
