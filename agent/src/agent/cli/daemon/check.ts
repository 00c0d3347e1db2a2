import { resolve } from 'node:path';
import { CHECKS } from '../../../checks/index.ts';
import { overall } from '../../../core/verdicts.ts';
import type { AskProbe } from '../../../effects/host/index.ts';
import type { ToolRunner } from '../../../effects/host/tools.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { print } from '../../../terminal/print.ts';
import type { CheckState } from '../../../wire/verdict.ts';
import { type Config, loadConfig } from '../../config.ts';
import { hostsBelow } from '../../hosts.ts';
import { enabledChecks, lookAtAll } from '../../look.ts';
import type { ConfigOption } from '../options.ts';
import { requireRoot } from '../require-root.ts';
import type { RootOption } from './index.ts';
import { parseSeldom } from './parse-seldom.ts';

type CheckOptions = ConfigOption & RootOption & { json?: boolean; direct?: boolean };

/**
 * `compliance-agent check` without the parser of commands. False where the options are not as plainly written as they mostly
 * are, or something is wrong: the commands then do it anew and say what.
 */
export async function checkAtOnce(args: readonly string[]): Promise<boolean> {
  const given = readOptions(args);
  if (given === null) return false;
  parseSeldom();
  return check(given.ids, given).then(
    () => true,
    () => false,
  );
}

function readOptions(args: readonly string[]): (CheckOptions & { ids: string[] }) | null {
  const given: { -readonly [O in keyof CheckOptions]: CheckOptions[O] } = { root: '/' };
  const ids: string[] = [];
  const waiting = [...args];
  for (let arg = waiting.shift(); arg !== undefined; arg = waiting.shift()) {
    if (arg === '--json' || arg === '--direct') given[arg === '--json' ? 'json' : 'direct'] = true;
    else if (arg === '--config' || arg === '--root') {
      const value = waiting.shift();
      if (value === undefined || value.startsWith('-')) return null;
      given[arg === '--config' ? 'config' : 'root'] = value;
    } else if (arg.startsWith('-')) return null;
    else ids.push(arg);
  }
  return { ...given, ids };
}

/** Looks and judges; writes no evidence and needs no state folder. */
export async function check(
  ids: readonly string[],
  { config: file, root, json = false, direct = false }: CheckOptions,
): Promise<void> {
  const now = new Date();
  const config = await loadConfig({ file, env: process.env, now });
  const wanted = ids.length === 0 ? enabledChecks(CHECKS, config) : CHECKS.filter(named(ids));
  const { runtime_dir: runtimeDir } = config.settings;
  const probe = direct ? await withoutUnits(config, file) : undefined;
  const host = hostsBelow({ root: resolve(root), runtimeDir, probe });
  const states = await lookAtAll(wanted, { config, host, now });
  await printStates(states, json);
  process.exitCode = exitCodeOf(states);
}

/** What the units of the probes run, by this process, which must be root’s. */
async function withoutUnits(config: Config, file: string | undefined) {
  requireRoot('check --direct');
  const { probeDirectly } = await import('../../../effects/probes/directly.ts');
  const settings = file === undefined ? [] : ['--config', file];
  const program = (name: string) => [
    ...[process.execPath, process.argv[1] ?? ''],
    ...['probe', name, ...settings],
  ];
  return (run: ToolRunner): AskProbe =>
    probeDirectly({ sections: config.baseline.checks, program, run });
}

function named(ids: readonly string[]): ({ id }: { id: string }) => boolean {
  const known = CHECKS.map(({ id }) => id);
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length === 0) return ({ id }) => ids.includes(id);
  throw new Exit(EXIT.usage, `no check ${unknown.join(', ')}: there are ${known.join(', ')}`);
}

export async function printStates(states: readonly CheckState[], json: boolean): Promise<void> {
  if (json) return void print(`${JSON.stringify(states, null, 2)}\n`);
  const { statesText } = await import('../../../terminal/states.ts');
  print(`${statesText(states)}\n`);
}

export function exitCodeOf(states: readonly CheckState[]): number {
  return { compliant: EXIT.ok, drifted: EXIT.drift, unknown: EXIT.unknown }[overall(states)];
}
