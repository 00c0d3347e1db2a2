import type { Authority } from '../../demo/certificates.ts';
import { createLoadHost, type LoadHost } from './bundles.ts';
import { type LoadClient, latencyAt, sendAll } from './clients.ts';
import { type Opened, openSubject } from './open-subject.ts';
import type { LoadOptions } from './options.ts';
import type { Subject } from './subjects.ts';

/** What a subject did in one round. */
export type Sample = {
  /** Bundles per second of the server’s own CPU, user and system. */
  readonly perCoreSecond: number;
  /** Bundles per second on the clock, with the load on the same machine. */
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
};
export type Measured = Subject & { readonly samples: readonly Sample[] };

type Running = Subject & {
  readonly opened: Opened;
  readonly hosts: readonly LoadHost[];
  readonly clients: readonly LoadClient[];
  readonly samples: Sample[];
};

/**
 * Loads all subjects in turns, so that the machine’s moods fall on each: kept connections, one bundle after the other,
 * every answer a 201.
 */
export async function measureThroughput(
  subjects: readonly Subject[],
  {
    folder,
    authority,
    options: { clients, bundles, rounds, seed, profile },
  }: {
    folder: string;
    authority: Authority;
    options: Pick<LoadOptions, 'clients' | 'bundles' | 'rounds' | 'seed' | 'profile'>;
  },
): Promise<Measured[]> {
  const running: Running[] = [];
  try {
    for (const subject of subjects) {
      const hosts = Array.from({ length: clients }, (_, index) => createLoadHost(index, seed));
      const opened = await openSubject(subject, { folder, authority, hosts, profile });
      const connected = await opened.connect('kept');
      running.push({ ...subject, opened, hosts, clients: connected, samples: [] });
    }
    for (const subject of running) await round(subject, Math.ceil(bundles / 2)); // compiled by then
    for (let turn = 0; turn < rounds; turn += 1) {
      const order = turn % 2 === 0 ? running : [...running].reverse();
      for (const subject of order) subject.samples.push(await round(subject, bundles));
    }
    return running.map(({ name, words, goal, samples }) => ({
      ...{ name, words, samples },
      ...(goal === undefined ? {} : { goal }),
    }));
  } finally {
    for (const { clients: connected, opened } of running) {
      await Promise.all(connected.map((client) => client.close()));
      await opened.close();
    }
  }
}

async function round({ opened, hosts, clients }: Running, bundles: number): Promise<Sample> {
  const bodies = hosts.map((host) => Array.from({ length: bundles }, () => host.next()));
  const before = opened.server.cpu();
  const { seconds, latencies } = await sendAll(clients, (index) => bodies[index] ?? []);
  const cpu = opened.server.cpu() - before;
  return {
    perCoreSecond: latencies.length / cpu,
    perSecond: latencies.length / seconds,
    p50: latencyAt(latencies, 0.5),
    p99: latencyAt(latencies, 0.99),
  };
}
