import type { Authority } from '../../demo/certificates.ts';
import { createLoadHost } from './bundles.ts';
import { type Coming, sendAll } from './clients.ts';
import { openSubject } from './open-subject.ts';
import type { LoadOptions } from './options.ts';
import { SERVERS, type Subject } from './subjects.ts';

const COMINGS: readonly Coming[] = ['kept', 'resumed', 'new'];

export type Came = { readonly coming: Coming; readonly milliseconds: number[] };

/** Milliseconds of the server’s CPU for a bundle that comes by a kept, a resumed and a new connection, in turns. */
export async function measureConnections({
  folder,
  authority,
  options: { clients, rounds, seed },
}: {
  folder: string;
  authority: Authority;
  options: LoadOptions;
}): Promise<Came[]> {
  const hosts = Array.from({ length: clients }, (_, index) => createLoadHost(index, seed));
  const opened = await openSubject(SERVERS[0] as Subject, { folder, authority, hosts });
  const results = COMINGS.map((coming) => ({ coming, milliseconds: [] as number[] }));
  try {
    const connected = await Promise.all(COMINGS.map((coming) => opened.connect(coming)));
    for (let turn = -1; turn < rounds; turn += 1) {
      for (const [index, { milliseconds }] of results.entries()) {
        const before = opened.server.cpu();
        const { latencies } = await sendAll(connected[index] ?? [], (at) =>
          Array.from({ length: 8 }, () => hosts[at]?.next() ?? Buffer.alloc(0)),
        );
        const spent = (opened.server.cpu() - before) * 1000;
        if (turn >= 0) milliseconds.push(spent / latencies.length); // the first opens sessions to resume
      }
    }
    await Promise.all(connected.flat().map((client) => client.close()));
  } finally {
    await opened.close();
  }
  return results;
}
