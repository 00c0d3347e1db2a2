import { join } from 'node:path';
import { type Host, TOOLS } from '../core/host.ts';
import { type AskProbe, createHost } from '../effects/host/index.ts';
import { runTogether } from '../effects/host/together.ts';
import { type ToolRunner, toolRunner } from '../effects/host/tools.ts';

/**
 * Makes the host ports of the checks. With a `root` other than `/` they look at a folder as if it were a machine, for
 * demonstrations and tests: its `bin/` then holds the tools, and a tool that it lacks is missing; this machine's own
 * would speak of this machine. Probe sockets are where `runtime_dir` says in either case, unless `probe` makes another way
 * to ask, which may run tools as the checks do.
 * What several checks ask of one tool in the same moment is one run of it.
 */
export function hostsBelow({
  root,
  runtimeDir,
  probe,
}: {
  root: string;
  runtimeDir: string;
  probe?: ((run: ToolRunner) => AskProbe) | undefined;
}): (signal: AbortSignal) => Host {
  const own = Object.fromEntries(TOOLS.map((tool) => [tool, join(root, 'bin', tool)]));
  const run = runTogether(toolRunner(root === '/' ? undefined : own));
  const ask = probe?.(run);
  return (signal) => createHost({ root, runtimeDir, signal, run, probe: ask });
}
