import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { missing, REPOSITORY } from '../support/suite.ts';
import { evaluate, evaluated, type Facts } from './nix.ts';

const SHIPPED = join(REPOSITORY, 'agent', 'units');

/** The unit folder of a host: what is shipped, with its drop-ins, and what the module defines. Programs are stand-ins. */
function unitFolder({ units }: Facts, folder: string): string[] {
  const program = join(folder, 'compliance-agent');
  copyFileSync('/bin/true', program);
  chmodSync(program, 0o755);
  const placed = (text: string) =>
    text
      .replaceAll('@bin@', folder)
      .replaceAll(/\/nix\/store\/\S+\/bin\/compliance-[a-z-]+/g, program);
  const shipped = readdirSync(SHIPPED).filter((name) => /\.(service|socket|target)$/.test(name));
  for (const name of shipped)
    writeFileSync(join(folder, name), placed(readFileSync(join(SHIPPED, name), 'utf8')));
  for (const [name, text] of Object.entries(units)) {
    const dropIns = join(folder, `${name}.d`);
    const isDropIn = shipped.includes(name);
    if (isDropIn) mkdirSync(dropIns);
    writeFileSync(isDropIn ? join(dropIns, 'overrides.conf') : join(folder, name), placed(text));
  }
  writeFileSync(join(folder, 'postgresql.target'), '[Unit]\nDescription=Of NixOS\n');
  return [...new Set([...shipped, ...Object.keys(units)])];
}

/** What systemd says of our own units; of the machine’s own it may say what it likes. */
function verify(facts: Facts): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'units-'));
  try {
    const names = unitFolder(facts, folder).map((name) => name.replace('@.', '@1.'));
    const { stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', '--generators=no', ...names.map((name) => join(folder, name))],
      { encoding: 'utf8', env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` } },
    );
    return stderr.split('\n').filter((line) => line.includes('compliance-'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const noSystemd = missing({ tools: ['systemd-analyze'] });
const verified = noSystemd === null ? evaluated : test.skip;

verified('systemd finds nothing wrong with the units of a control server', () => {
  for (const host of ['server', 'server-fleet']) {
    const { value } = evaluate(`hosts.${host}.facts`);
    assert.equal(verify(value as Facts), [], host);
  }
});

verified('systemd finds nothing wrong with any unit of the minimal host', () => {
  const { value } = evaluate('hosts.minimal.facts');
  const facts = value as Facts;
  assert.equal(verify(facts), []);
  const broken = { 'compliance-agent.service': '[Service]\nRestart=whenever\n' };
  assert.match(
    verify({ ...facts, units: { ...facts.units, ...broken } }).join(),
    /restart specifier/,
  );
});

test.run();
