import { join } from 'node:path';
import { type Host, TOOLS } from '../core/host.ts';
import { createHost } from '../effects/host/index.ts';

/**
 * Makes the host ports of the checks. With a `root` other than `/` they look at a folder as if it were a machine, for
 * demonstrations and tests: its `bin/` then holds the tools, and a tool that it lacks is missing; this machine's own
 * would speak of this machine. Probe sockets are where `runtime_dir` says in either case.
 */
export function hostsBelow({
  root,
  runtimeDir,
}: {
  root: string;
  runtimeDir: string;
}): (signal: AbortSignal) => Host {
  if (root === '/') return (signal) => createHost({ runtimeDir, signal });
  const tools = Object.fromEntries(TOOLS.map((tool) => [tool, join(root, 'bin', tool)]));
  return (signal) => createHost({ root, runtimeDir, signal, tools });
}
