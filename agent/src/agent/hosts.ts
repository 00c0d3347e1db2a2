import { join } from 'node:path';
import { type Host, TOOLS } from '../core/host.ts';
import { type AskProbe, createHost, toolRunner } from '../effects/host/index.ts';
import { runTogether } from '../effects/host/together.ts';

/**
 * Makes the host ports of the checks. With a `root` other than `/` they look at a folder as if it were a machine, for
 * demonstrations and tests: its `bin/` then holds the tools, and a tool that it lacks is missing; this machine's own
 * would speak of this machine. Probe sockets are where `runtime_dir` says in either case, unless `probe` asks otherwise.
 * What several checks ask of one tool in the same moment is one run of it.
 */
export function hostsBelow({
  root,
  runtimeDir,
  probe,
}: {
  root: string;
  runtimeDir: string;
  probe?: AskProbe;
}): (signal: AbortSignal) => Host {
  const own = Object.fromEntries(TOOLS.map((tool) => [tool, join(root, 'bin', tool)]));
  const run = runTogether(toolRunner(root === '/' ? undefined : own));
  return (signal) => createHost({ root, runtimeDir, signal, run, probe });
}
