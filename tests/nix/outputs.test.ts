import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPOSITORY } from '../support/suite.ts';
import { evaluate, evaluated, hostNames } from './nix.ts';

const REFUSED: Record<string, RegExp | null> = {
  'control-server-without-certificate': /complianceServer\.acmeHost = "mcp\.example\.org";/,
  'control-server-without-name':
    /nginx\.hostName = "[\s\S]*postgresql\.package = pkgs\.postgresql_17;/,
  'malformed-window': /maintenanceWindow = \{ start = "02:00"; end = "04:00"; };/,
  'peer-without-addresses': /integrations\.webhook\.addresses = \[ "192/,
  'reseller-without-id': /resellerId = "your-reseller-id";/,
  'restore-test-of-nothing': /restoreTest\.jobs names what .* does not declare: home/,
  'secret-in-store': null, // its type has no place in the store
  'server-without-certificate': /mcp\.clientKeyFile = "\/run\/secrets/,
  'switch-disabled': /remedies\.update_to_baseline_generation\.mode = "alert";/,
};
evaluated('there is an expectation for each host that must be refused', () => {
  assert.equal(hostNames('refused').sort(), Object.keys(REFUSED));
});
for (const [host, lines] of Object.entries(REFUSED)) {
  evaluated(`${host}: refused, with the lines to write`, () => {
    const { value, status, stderr } = evaluate(`refused.${host}`);
    assert.is(status, 0, stderr);
    if (lines === null) assert.is(value, null);
    else assert.match((value as string[]).join('\n'), lines);
  });
}

evaluated('modules/OPTIONS.md is what the options say (else: its first line)', () => {
  const { value } = evaluate('optionDocs.text');
  assert.is(value, readFileSync(join(REPOSITORY, 'modules', 'OPTIONS.md'), 'utf8'));
});

evaluated('Nix and the fetcher give each locked package the same file', async () => {
  const { lockedPackages } = await import(join(REPOSITORY, 'pkgs/npm-deps/lock.mjs'));
  const lock = JSON.parse(readFileSync(join(REPOSITORY, 'agent/package-lock.json'), 'utf8'));
  const files = lockedPackages(lock).map(({ file }: { file: string }) => file);
  const { value } = evaluate('npmSources');
  assert.equal([...new Set(Object.values(value as Record<string, string>))].sort(), files.sort());
});

test.run();
