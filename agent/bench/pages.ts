import type { FastifyInstance } from 'fastify';
import type { Store } from '../src/server/store/store.ts';
import { interleave, type Measurement } from './measurement.ts';
import { BUNDLES, fillStore, HOSTS, viewerOf } from './viewer.ts';

const ROUNDS = 25;
const FLEET = `/fleet?rows=${HOSTS}`;
const HOST = '/hosts/host-0?days=365';

export type Opened = { readonly store: Store; close(): Promise<void> };

/** Milliseconds from a request to its whole page, without a network between. */
async function timed(app: FastifyInstance, address: string): Promise<number> {
  const begun = process.hrtime.bigint();
  const { statusCode } = await app.inject(address);
  const milliseconds = Number(process.hrtime.bigint() - begun) / 1e6;
  if (statusCode !== 200) throw new Error(`${address}: ${statusCode}`);
  return milliseconds;
}

/** A filled store for `pages` measurements one after the other: filling takes longer than all of them. */
function shared(open: () => Promise<Opened>, pages: number): () => Promise<Opened> {
  let opened: Promise<Opened> | undefined;
  let left = pages;
  return () => {
    opened ??= open().then(async (fresh) => {
      await fillStore(fresh.store);
      return fresh;
    });
    return opened.then(({ store, close }) => ({
      store,
      async close() {
        left -= 1;
        if (left === 0) await close();
      },
    }));
  };
}

const page = (name: string, address: string, open: () => Promise<Opened>): Measurement => ({
  name,
  unit: 'ms',
  better: 'lower',
  floor: 'a page that says nothing, of the same process',
  goal: '< 150 ms',
  meets: ({ ours }) => ours < 150,
  issue: 6,
  remains: 'the queries and the markup of so many rows',
  unfair:
    'no network, no TLS and no browser between; one reader at a time; the store is in the page cache; BENCH_PAGES_BUNDLES takes more bundles, and more time',
  async measure() {
    const { store, close } = await open();
    try {
      const app = await viewerOf(store);
      await timed(app, address);
      const samples = await interleave(ROUNDS, {
        ours: () => timed(app, address),
        floor: () => timed(app, '/empty'),
      });
      const cpu = process.cpuUsage();
      for (let round = 0; round < ROUNDS; round += 1) await timed(app, address);
      const { user, system } = process.cpuUsage(cpu);
      const size = (await app.inject(address)).body.length / 1024;
      const each = ((user + system) / 1000 / ROUNDS).toFixed(0);
      return {
        ...samples,
        note: `${each} ms of CPU in the server, page of ${size.toFixed(0)} KiB`,
      };
    } finally {
      await close();
    }
  },
});

/** The two pages that a goal is set for, on one kind of store. */
export function pagesOn(
  kind: string,
  open: () => Promise<Opened>,
): readonly [fleet: Measurement, host: Measurement] {
  const filled = shared(open, 2);
  return [
    page(`fleet page of ${HOSTS} hosts, ${kind}`, FLEET, filled),
    page(`host page over ${BUNDLES} bundles, ${kind}`, HOST, filled),
  ];
}
