import { once } from 'node:events';
import { listenForProbesAndRemedies, type SocketService } from '../../../effects/listener.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { PROBES } from '../../../wire/probe.ts';
import { REMEDY_SOCKETS } from '../../../wire/remedy.ts';
import type { ServeOptions } from './index.ts';

/** Seconds that one instance may take: `RuntimeMaxSec=` of the shipped templates, at most. */
const LIMITS = { probe: 60, remedy: 3600 };

/** Serves every socket until SIGTERM or SIGINT. Prints one line once all of them listen. */
export async function serveSockets({
  runtimeDir,
  config,
  root,
  within,
}: ServeOptions): Promise<void> {
  const services = [
    ...PROBES.map((name) => describe('probe', name)),
    ...REMEDY_SOCKETS.map((name) => describe('remedy', name)),
  ];
  const unknown = [...within.keys()].filter((name) => !services.some((one) => one.name === name));
  if (unknown.length > 0) throw new Exit(EXIT.usage, `no such socket: ${unknown.join(', ')}`);

  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const { paths, close } = await listenForProbesAndRemedies({ folder: runtimeDir, services });
  process.stdout.write(`listening on ${paths.length} sockets below ${runtimeDir}\n`);
  await stopped;
  await close();

  function describe(kind: keyof typeof LIMITS, socket: string): SocketService {
    const name = `${kind}/${socket}`;
    const own = [process.execPath, process.argv[1] ?? '', kind, socket];
    const [program = '', ...args] = [...(within.get(name) ?? []), ...own];
    const settings = [
      ...(config === undefined ? [] : ['--config', config]),
      // A probe looks at processes, devices and rulesets, which this machine has and a folder has not.
      ...(root === undefined || kind === 'probe' ? [] : ['--root', root]),
    ];
    return { name, command: [program, ...args, ...settings], limit: LIMITS[kind] };
  }
}
