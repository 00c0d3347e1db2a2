import type { Authority } from '../../demo/certificates.ts';
import { createLoadHost } from './bundles.ts';
import { sendAll } from './clients.ts';
import { openSubject } from './open-subject.ts';
import type { LoadOptions } from './options.ts';
import type { Subject } from './subjects.ts';

/** As many connections as an agent has. */
const CONNECTIONS = 16;

export type Drained = {
  readonly name: string;
  readonly bundles: number;
  readonly perCoreSecond: number;
  readonly perSecond: number;
  /** Resident MiB of the server after each tenth. */
  readonly memory: readonly number[];
};

/** Drains a backlog of some hosts, as after a week offline, into a server: how fast, and what it costs in memory. */
export async function measureBacklog(
  subject: Subject,
  {
    folder,
    authority,
    options: { count, hosts: number, seed },
  }: { folder: string; authority: Authority; options: LoadOptions },
): Promise<Drained> {
  const bundles = count ?? 100_000;
  const hosts = Array.from({ length: number }, (_, index) => createLoadHost(index, seed));
  const opened = await openSubject(subject, { folder, authority, hosts });
  const memory: number[] = [];
  try {
    const connections = hosts.flatMap((host) => Array.from({ length: CONNECTIONS }, () => host));
    const clients = await opened.connect('kept', connections);
    let left = bundles;
    let marked = 0;
    const bodiesOf = function* (client: number) {
      while (left > 0) {
        left -= 1;
        if (bundles - left >= ((marked + 1) * bundles) / 10) {
          marked += 1;
          memory.push(opened.server.memory());
        }
        yield connections[client]?.next() ?? Buffer.alloc(0);
      }
    };
    const before = opened.server.cpu();
    const { seconds } = await sendAll(clients, bodiesOf);
    const cpu = opened.server.cpu() - before;
    await Promise.all(clients.map((client) => client.close()));
    const perCoreSecond = bundles / cpu;
    return { name: subject.name, bundles, perCoreSecond, perSecond: bundles / seconds, memory };
  } finally {
    await opened.close();
  }
}
