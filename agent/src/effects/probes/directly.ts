import type { ProbeName } from '../../wire/probe.ts';
import { openDocument } from '../host/probe-socket.ts';
import { runToEnd } from '../program.ts';
import { PROBE_PROGRAMS, type ProbeLook } from './index.ts';

/** `CacheDirectory=` of the probes’ units. */
const CACHE = '/var/cache/compliance-agent-probe';

/**
 * The privileged looks by this process itself, which must be root’s, in the place of the units behind the sockets: no
 * sandbox, and a start of Node less for each. The reference of the firewall needs an empty network namespace, so it is
 * the one that stays a process: `program` and `probe firewall-reference`, by unshare(1).
 */
export function probeDirectly({
  sections,
  program,
  run,
  cacheDir = process.env.CACHE_DIRECTORY ?? CACHE,
}: {
  /** The baseline’s, by check. */
  sections: Readonly<Record<string, unknown>>;
  /** The command of this program, with the settings that it is given after the probe’s name. */
  program: (probe: ProbeName) => readonly string[];
  /** How the checks run their tools, so that what both ask of one is one run of it. */
  run: ProbeLook['run'];
  cacheDir?: string;
}): (name: ProbeName, signal: AbortSignal) => Promise<unknown> {
  return async (name, signal) => {
    if (name === 'firewall-reference') {
      const args = ['--net', '--', ...program(name)];
      const { stdout } = await runToEnd({ program: 'unshare', tool: 'unshare', args, signal });
      return openDocument(Buffer.from(stdout), name);
    }
    const { check, load } = PROBE_PROGRAMS[name];
    const probe = await load();
    return probe({ root: '/', section: sections[check], signal, run, cacheDir });
  };
}
