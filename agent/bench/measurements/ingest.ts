import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '../../demo/certificates.ts';
import { rounded } from '../figures.ts';
import { subjectsOf } from '../load/subjects.ts';
import { measureThroughput } from '../load/throughput.ts';
import type { Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { median } from '../statistics.ts';

const LOAD = { clients: 64, bundles: 40, rounds: 4, seed: 1, profile: null };
const MAX_P99 = 250;

/** Bundles that the server verified and made durable, beside a server that does nothing else. */
function ingest(store: 'sqlite' | 'postgresql', floorStage: 'commit' | 'copy', goal: number) {
  const apart =
    store === 'sqlite' ? '' : ' what PostgreSQL’s own processes take is counted on neither side;';
  const words = { sqlite: 'SQLite', postgresql: 'PostgreSQL' }[store];
  return {
    name: `server ingest, ${words}`,
    unit: 'bundles per core-second',
    better: 'higher' as const,
    floor: `mTLS, the parts, one verification, a grouped ${floorStage} into ${words}`,
    goal: `≥ ${goal}, p99 < ${MAX_P99} ms with 64 kept connections`,
    meets: ({ ours }: { ours: number }) => ours >= goal,
    issue: 8,
    remains:
      'a receipt’s signature, the bundle’s schema, HTTP, and the rows of places, chains and log',
    unfair: `per second of the server’s own CPU, as the load runs on the same cores;${apart} the latency is that of a machine whose cores are all busy`,
    async measure() {
      const folder = mkdtempSync(join(WORK, 'bench-'));
      try {
        const authority = await createAuthority({ name: 'Load authority' });
        const subjects = subjectsOf([floorStage, store]);
        const measured = await measureThroughput(subjects, { folder, authority, options: LOAD });
        const [floor = [], ours = []] = [floorStage, store].map(
          (wanted) => measured.find(({ name }) => name === wanted)?.samples,
        );
        const p99 = median(ours.map((sample) => sample.p99));
        return {
          ours: ours.map(({ perCoreSecond }) => perCoreSecond),
          floor: floor.map(({ perCoreSecond }) => perCoreSecond),
          conditions: { [`p99 below ${MAX_P99} ms`]: p99 < MAX_P99 },
          note: `p99 ${rounded(p99, 'up')} ms, with the load on the same cores`,
        };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

export const ingestSqlite: Measurement = ingest('sqlite', 'commit', 2500);
export const ingestPostgresql: Measurement = ingest('postgresql', 'copy', 2300);
