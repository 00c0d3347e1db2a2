import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { DIST, missing, REPOSITORY } from '../support/suite.ts';

/** A nixpkgs tree to evaluate against; where none is given, Nix files are only parsed. */
export const NIXPKGS = process.env['COMPLIANCE_NIXPKGS'];
/** A test that needs Nix and a nixpkgs; skipped where there is none (parse.test.ts says so). */
export const evaluated =
  NIXPKGS === undefined || missing({ tools: ['nix-instantiate'] }) !== null ? test.skip : test;
/** KiB of address space that one evaluation may take. */
const MEMORY = 6_000_000;

/** An attribute of tests/nix/default.nix, evaluated; warnings go to `stderr`. */
export function evaluate(attribute: string): { value: unknown; stderr: string; status: number } {
  const args = ['--eval', '--strict', '--json', join(REPOSITORY, 'tests', 'nix')];
  const { stdout, stderr, status } = spawnSync(
    'bash',
    [
      ...['-c', `ulimit -v ${MEMORY}; exec nix-instantiate "$@"`, 'bash'],
      ...[...args, '--argstr', 'nixpkgs', NIXPKGS ?? '', '-A', attribute],
    ],
    { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return { value: status === 0 ? JSON.parse(stdout) : null, stderr, status: status ?? 1 };
}

export type Facts = {
  readonly baseline: { checks: Record<string, Record<string, unknown>> } & Record<string, unknown>;
  readonly rendered: { settings: string; baseline: string };
  readonly warnings: string[];
  readonly refusals: string[];
  readonly units: Record<string, string>;
  readonly activation: string | null;
  readonly system: string;
};

/** The names of a folder’s hosts: `hosts` or `refused`. */
export function hostNames(folder: string): string[] {
  return readdirSync(join(REPOSITORY, 'tests', 'nix', folder))
    .filter((name) => name.endsWith('.nix') && name !== 'base.nix')
    .map((name) => name.slice(0, -4));
}

/** What the build of a host runs: the agent’s own check of the two files. Digests are made in the build. */
export function checkRendered({ settings, baseline }: Facts['rendered']): {
  status: number | null;
  output: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'rendered-'));
  try {
    const [config, expected] = [join(folder, 'config.yaml'), join(folder, 'baseline.yaml')];
    writeFileSync(config, settings);
    writeFileSync(expected, baseline.replaceAll(/@sha256:[^@]*@/g, '0'.repeat(64)));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        ...[join(DIST, 'compliance-agent.js'), 'config', 'check'],
        ...['--config', config, '--baseline', expected],
      ],
      { encoding: 'utf8', env: {} },
    );
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Values of a unit’s settings by `Section.Key`, in order; an empty one drops what was before (systemd.syntax(7)). */
export type Unit = ReadonlyMap<string, readonly string[]>;

/** A shipped unit with its drop-in, as systemd joins them. */
export function joinUnit(name: string, dropIn = ''): Unit {
  const shipped = readFileSync(join(REPOSITORY, 'agent', 'units', name), 'utf8');
  const unit = new Map<string, string[]>();
  let section = '';
  for (const line of `${shipped}\n${dropIn}`.split('\n')) {
    const head = /^\[(.+)\]$/.exec(line)?.[1];
    if (head !== undefined) section = head;
    const [, key, value] = /^([A-Za-z-]+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    const id = `${section}.${key}`;
    unit.set(id, value === '' ? [] : [...(unit.get(id) ?? []), value]);
  }
  return unit;
}
