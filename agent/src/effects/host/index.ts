import type { Host } from '../../core/host.ts';
import { rootedFiles } from './files.ts';
import { askProbe } from './probe-socket.ts';
import { runTool, type ToolPaths } from './tools.ts';

export type HostOptions = {
  /** Taken for `/` by every path that a check reads. Default: the machine itself. */
  readonly root?: string;
  /** Folder of the probes’ sockets, not re-rooted. */
  readonly runtimeDir: string;
  /** Aborts at the check’s time limit; everything under way then fails with `timeout`. */
  readonly signal: AbortSignal;
  /** Programs to run in the place of those on PATH, for a simulated host. */
  readonly tools?: ToolPaths;
};

/** The host as an unprivileged process sees it, for one check in one cycle. */
export function createHost({ root = '/', runtimeDir, signal, tools }: HostOptions): Host {
  return {
    ...rootedFiles(root),
    run: (command) => runTool(command, { signal, tools }),
    probe: (name) => askProbe(name, { runtimeDir, signal }),
  };
}
