import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  /** The control server’s settings, and NGINX’s configuration where it is a file below /etc. */
  readonly server: string | null;
  readonly nginx: string | null;
  readonly ports: readonly number[];
  readonly activation: string | null;
  readonly system: string;
};

/** The names of a folder’s hosts: `hosts` or `refused`. */
export function hostNames(folder: string): string[] {
  return readdirSync(join(REPOSITORY, 'tests', 'nix', folder))
    .filter((name) => name.endsWith('.nix') && name !== 'base.nix')
    .map((name) => name.slice(0, -4));
}

type Checked = { status: number | null; output: string };

/** What the build of a host runs: the agent’s own check of the two files. Digests are made in the build. */
export const checkRendered = ({ settings, baseline }: Facts['rendered']): Checked =>
  configCheck('compliance-agent', {
    config: settings,
    baseline: baseline.replaceAll(/@sha256:[^@]*@/g, '0'.repeat(64)),
  });

/** What the build of a control server’s host runs. */
export const checkServerSettings = (config: string): Checked =>
  configCheck('compliance-server', { config });

/** `config check` of a program, with a file for each option. */
function configCheck(program: string, texts: Record<string, string>): Checked {
  const folder = mkdtempSync(join(tmpdir(), 'rendered-'));
  try {
    const options = Object.entries(texts).flatMap(([option, text]) => {
      const file = join(folder, `${option}.yaml`);
      writeFileSync(file, text);
      return [`--${option}`, file];
    });
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(DIST, `${program}.js`), 'config', 'check', ...options],
      { encoding: 'utf8', env: {} },
    );
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Values of a unit’s settings by `Section.Key`, in order; an empty one drops what was before (systemd.syntax(7)). */
export type Unit = ReadonlyMap<string, readonly string[]>;

/** A shipped unit with its drop-in, as systemd joins them, or one that a module defines. */
export function joinUnit(name: string, dropIn = ''): Unit {
  const file = join(REPOSITORY, 'agent', 'units', name);
  const shipped = existsSync(file) ? readFileSync(file, 'utf8') : '';
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
