import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RulesetDocument } from '../../agent/src/core/ruleset/document.ts';
import { readNftRuleset } from '../../agent/src/core/ruleset/nftables.ts';
import { FIXTURES } from './suite.ts';

export const RULESETS = join(FIXTURES, 'rulesets');

export function rulesetFile(name: string): string {
  return readFileSync(join(RULESETS, name), 'utf8');
}

export function readFixture(name: string): RulesetDocument {
  return readNftRuleset(rulesetFile(name), { tables: ['inet/filter'] }).document;
}

/** Runs shell lines in a network namespace of their own, which ends with them; standard output. Needs root. */
export function inEmptyNamespace(
  lines: string,
  { input = '', env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  const { stdout, stderr, status } = spawnSync('unshare', ['--net', 'sh', '-e', '-c', lines], {
    input,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, ...env },
  });
  if (status !== 0) throw new Error(`${lines}\nexit ${status}: ${stderr}`);
  return stdout;
}

/** What the kernel lists after it loaded each script, in one namespace. */
export function kernelListings(...scripts: string[]): string[] {
  const mark = '---listing---';
  const lines = scripts.map(
    (_, index) => `printf %s "$SCRIPT${index}" | nft -f - && nft -j list ruleset && echo '${mark}'`,
  );
  const env = Object.fromEntries(scripts.map((script, index) => [`SCRIPT${index}`, script]));
  return inEmptyNamespace(lines.join('\n'), { env }).split(`${mark}\n`).slice(0, -1);
}
