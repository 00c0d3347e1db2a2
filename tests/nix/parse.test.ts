import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, REPOSITORY } from '../support/suite.ts';
import { NIXPKGS } from './nix.ts';

const FOLDERS = ['modules', 'pkgs', 'tests', 'vm-tests'].filter((folder) =>
  existsSync(join(REPOSITORY, folder)),
);
const files = [
  ...(existsSync(join(REPOSITORY, 'flake.nix')) ? ['flake.nix'] : []),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.nix'))
      .map((path) => join(folder, path)),
  ),
];
const noNix = missing({ tools: ['nix-instantiate'] });
if (noNix !== null) console.log(`skipped: parsing of ${files.length} Nix files (${noNix})`);
else if (NIXPKGS === undefined) {
  console.log('skipped: evaluation of hosts and machines (no nixpkgs in COMPLIANCE_NIXPKGS)');
}

test('every Nix file parses', () => {
  if (noNix !== null) return;
  const paths = files.map((file) => join(REPOSITORY, file));
  const { status, stderr } = spawnSync(
    'nix-instantiate',
    ['--parse', '--store', 'dummy://', ...paths],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    },
  );
  assert.is(status, 0, stderr);
});

test('the flake stays a table of contents: less than 80 lines, nixpkgs its only input', () => {
  if (!files.includes('flake.nix')) return;
  const text = readFileSync(join(REPOSITORY, 'flake.nix'), 'utf8');
  assert.ok(text.split('\n').length < 80);
  const { nodes } = JSON.parse(readFileSync(join(REPOSITORY, 'flake.lock'), 'utf8'));
  assert.equal(Object.keys(nodes), ['nixpkgs', 'root']);
});

test.run();
