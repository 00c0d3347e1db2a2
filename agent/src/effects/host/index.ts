import type { Host } from '../../core/host.ts';
import type { ProbeName } from '../../wire/probe.ts';
import { rootedFiles } from './files.ts';
import { askProbe } from './probe-socket.ts';
import { type ToolRunner, toolRunner } from './tools.ts';

export type HostOptions = {
  /** Taken for `/` by every path that a check reads. Default: the machine itself. */
  readonly root?: string;
  /** Folder of the probes’ sockets, not re-rooted. */
  readonly runtimeDir: string;
  /** Aborts at the check’s time limit; everything under way then fails with `timeout`. */
  readonly signal: AbortSignal;
  /** How tools are run; `toolRunner` where left out. */
  readonly run?: ToolRunner;
  /** How probes are asked; by their sockets where left out. */
  readonly probe?: AskProbe | undefined;
};

export type AskProbe = (name: ProbeName, signal: AbortSignal) => Promise<unknown>;

/** The host as an unprivileged process sees it, for one check in one cycle. */
export function createHost({
  root = '/',
  runtimeDir,
  signal,
  run = toolRunner(),
  probe = (name, signal) => askProbe(name, { runtimeDir, signal }),
}: HostOptions): Host {
  return {
    ...rootedFiles(root),
    run: (command) => run(command, signal),
    probe: (name) => probe(name, signal),
  };
}
