import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, CommandResult, Host } from '../../agent/src/core/host.ts';
import { createHost } from '../../agent/src/effects/host/index.ts';
import { FailureError, type FailureParams } from '../../agent/src/wire/failure.ts';
import type { ProbeName } from '../../agent/src/wire/probe.ts';
import { FIXTURES } from './suite.ts';

/**
 * What `fixture.json` may say of a host that files cannot: the hour, who refuses us (tests may run as root, to whom
 * no file mode refuses anything), and the times of links, which git does not keep.
 */
type Fixture = {
  now?: string;
  denied?: { paths?: string[]; tools?: string[]; probes?: string[] };
  times?: Record<string, string>;
};

/**
 * A host kept in `tests/fixtures/CHECK/STATE/`: `root/` is its file system; `run/NAME.stdout` (with `NAME.exit` where
 * not 0) answers a command of that name, else `tool_missing`; `probe/NAME.json` holds a probe’s data, or
 * `{"error": FAILURE}`, else `unreachable`; `expected.json` here or beside the states is the section of the baseline.
 */
export function fixtureHost(check: string, state: string) {
  const folder = join(FIXTURES, check, state);
  const fixture = (readJson(join(folder, 'fixture.json')) ?? {}) as Fixture;
  return {
    host: (signal = new AbortController().signal) => answering(folder, fixture, signal),
    now: new Date(fixture.now ?? '2026-11-22T16:00:00.000Z'),
    section:
      readJson(join(folder, 'expected.json')) ?? readJson(join(folder, '..', 'expected.json')),
  };
}

function answering(
  folder: string,
  { denied = {}, times = {} }: Fixture,
  signal: AbortSignal,
): Host {
  const real = createHost({ root: join(folder, 'root'), runtimeDir: join(folder, 'none'), signal });
  const allow = (names: string[] | undefined, name: string, params: FailureParams) => {
    if (names?.includes(name)) throw new FailureError('denied', { errno: 'EACCES', ...params });
  };
  const at = async <T>(path: string, look: () => Promise<T>): Promise<T> => {
    allow(denied.paths, path, { path });
    return look();
  };
  return {
    read: (path, options) => at(path, () => real.read(path, options)),
    link: (path) => at(path, () => real.link(path)),
    list: (path) => at(path, () => real.list(path)),
    stat: (path, options) =>
      at(path, async () => {
        const found = await real.stat(path, options);
        const time = Date.parse(times[path] ?? '');
        return Number.isNaN(time) ? found : { ...found, mtimeMs: time, ctimeMs: time };
      }),
    run: async (command) => {
      allow(denied.tools, command.tool, { tool: command.tool });
      return answerRun(folder, command);
    },
    probe: async (name) => {
      allow(denied.probes, name, { probe: name });
      return answerProbe(folder, name);
    },
  };
}

function answerRun(folder: string, { tool, name, accept = [] }: Command): CommandResult {
  const file = join(folder, 'run', name);
  if (!existsSync(`${file}.stdout`)) throw new FailureError('tool_missing', { tool });
  const stdout = readFileSync(`${file}.stdout`, 'utf8');
  const exitCode = existsSync(`${file}.exit`) ? Number(readFileSync(`${file}.exit`, 'utf8')) : 0;
  if (exitCode !== 0 && !accept.includes(exitCode)) {
    throw new FailureError('tool_failed', { tool, exit_code: exitCode });
  }
  return { stdout, exitCode };
}

function answerProbe(folder: string, name: ProbeName): unknown {
  const data = readJson(join(folder, 'probe', `${name}.json`));
  if (data === undefined) throw new FailureError('unreachable', { probe: name, errno: 'ENOENT' });
  const { error } = data as { error?: { code: 'denied'; params: FailureParams } };
  if (error !== undefined) throw new FailureError(error.code, error.params);
  return data;
}

function readJson(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
