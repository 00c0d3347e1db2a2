import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DIST } from '../../support/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'check-'));
test.after(() => rmSync(folder, { recursive: true }));
const config = join(folder, 'config.json');
const baseline = join(folder, 'baseline.json');
const encryption = { undeclared_mounts: 'ignored', swaps: [] };
writeFileSync(baseline, JSON.stringify({ version: 1, checks: { encryption } }));
writeFileSync(config, JSON.stringify({ baseline_path: baseline }));

function check(...args: string[]) {
  const program = join(DIST, 'compliance-agent.js');
  const options = { encoding: 'utf8', env: { PATH: process.env.PATH } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
  return { status, stdout, stderr };
}

// `--config=FILE` is read by the parser of commands alone.
const SAME: [title: string, args: string[], code: number, says: RegExp][] = [
  ['all checks', [], 0, /^– antivirus .*\n[\s\S]*– encryption .*demands no encryption/],
  ['some, as JSON', ['backup', 'encryption', '--json'], 0, /^\[\n {2}\{\n {4}"check": "backup"/],
  ['another root', ['--root', folder, 'firewall'], 0, /^– firewall /],
  ['a check that is not', ['encription'], 64, /^compliance-agent: no check encription: there are/],
  ['an option that is not', ['--jsn'], 64, /^error: unknown option '--jsn'/],
  ['an option without its value', ['--root'], 64, /^error: option '--root <dir>' argument missing/],
];
for (const [title, args, code, says] of SAME) {
  test(`check answers the same with and without the parser of commands: ${title}`, () => {
    const { status, stdout, stderr } = check('check', '--config', config, ...args);
    assert.is(status, code);
    assert.match(code === 0 ? stdout : stderr, says);
    assert.equal(check('check', `--config=${config}`, ...args), { status, stdout, stderr });
  });
}

test('wrong settings are told field by field', () => {
  const wrong = join(folder, 'wrong.yaml');
  writeFileSync(wrong, 'poll_interval: 0\nlog_level: loud\n');
  const { status, stderr } = check('check', '--config', wrong);
  assert.is(status, 78);
  assert.match(stderr, /poll_interval: found 0[\s\S]*log_level: found "loud"/);
});

test.run();
