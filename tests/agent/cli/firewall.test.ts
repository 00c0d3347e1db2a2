import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RULESETS, rulesetFile } from '../../support/ruleset.ts';
import { DIST } from '../../support/suite.ts';

const file = (name: string) => join(RULESETS, name);
const BASELINE = file('nft-01-baseline.json');
const ROGUE = file('nft-05-rogue-table-deleted-rule.json');
const DIGEST = '95c260356ced7e7ebcdf074d0fb7cb5ab6e7c0ae462a4255f09dc8c551dae2cc';

function run(args: string[], input = '') {
  const program = [join(DIST, 'compliance-agent.js'), 'firewall', ...args];
  return spawnSync(process.execPath, program, { encoding: 'utf8', input });
}

const cases: [title: string, args: string[], status: number, stdout: RegExp, stderr: RegExp][] = [
  ['digest', ['digest', BASELINE], 0, new RegExp(`^${DIGEST}\n$`), /^$/],
  [
    'digest of the declared tables only',
    ['digest', '--tables', 'inet/filter', BASELINE],
    0,
    new RegExp(DIGEST),
    /^$/,
  ],
  ['digest as JSON', ['digest', '--json', BASELINE], 0, /"tables": \[\s+"inet\/filter"/, /^$/],
  [
    'digest of iptables',
    ['digest', '--backend', 'iptables', file('iptables-nixos.txt')],
    0,
    /^[0-9a-f]{64}\n$/,
    /^$/,
  ],
  [
    'tables of ip6tables',
    ['digest', '--json', file('ip6tables-nixos.txt')],
    0,
    /"ip6\/filter"/,
    /^$/,
  ],
  [
    'a table that is not there',
    ['digest', '--tables', 'ip/nat', BASELINE],
    1,
    /^$/,
    /not in the ruleset: ip\/nat/,
  ],
  [
    'no listing',
    ['digest', file('nft-01-baseline.nft')],
    78,
    /^$/,
    /nft-01-baseline.nft: .*found malformed.*expected what nft -j list ruleset prints/,
  ],
  ['no file', ['digest', '/nonexistent'], 78, /^$/, /\/nonexistent: .*ENOENT/],
  ['no such backend', ['digest', '--backend', 'pf', BASELINE], 64, /^$/, /no backend pf/],
  ['alike', ['diff', BASELINE, file('nft-06-healed.json')], 0, /^$/, /^$/],
  [
    'different',
    ['diff', '--tables', 'inet/filter', BASELINE, ROGUE],
    1,
    /^inet\/filter input: rule 1 was added\.\n {2}\+ .*4444.*\ninet\/filter input: rule 2 is gone\.\n {2}- .*"comment":"ssh".*\n$/,
    /^$/,
  ],
  [
    'different as JSON',
    ['diff', '--json', '--tables', 'inet/filter', BASELINE, ROGUE],
    1,
    /"foreign": \[\s+"ip\/evil"/,
    /^$/,
  ],
];
for (const [title, args, code, out, err] of cases) {
  test(`firewall ${title}`, () => {
    const { status, stdout, stderr } = run(args);
    assert.match(stdout, out);
    assert.match(stderr, err);
    assert.is(status, code);
  });
}

test('a listing may come by standard input, and iptables’ is known by its looks', () => {
  assert.is(run(['digest'], rulesetFile('nft-03-dynamic-element.json')).stdout, `${DIGEST}\n`);
  const text = rulesetFile('iptables-nixos.txt');
  assert.is(run(['digest', '-'], text).stdout, run(['digest', file('iptables-nixos.txt')]).stdout);
});

test.run();
