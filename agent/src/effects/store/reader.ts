import { existsSync } from 'node:fs';
import { MAX_BUNDLE_BYTES } from '../../wire/evidence.ts';
import { FailureError } from '../../wire/failure.ts';
import { prepareMetrics, type QueueMetrics } from '../queue/metrics.ts';
import { guarded } from './failures.ts';
import { bundleFolder, type Layout, layout, readBundleFiles } from './folders.ts';
import { listBundles, type Page, type Query } from './query.ts';
import type { BundleRow, Head } from './rows.ts';
import { type Db, openDatabaseReadOnly } from './schema.ts';

/** How many bundles, of what, since when. Times are milliseconds since the epoch. */
export type Statistics = {
  readonly bundles: number;
  readonly bytes: number;
  readonly oldest: number | null;
  readonly newest: number | null;
  readonly receipted: number;
  readonly pruned: number;
  readonly byCheck: readonly { check_id: string; outcome: string; bundles: number }[];
};

/** What a state folder holds. Reading needs no lock and sees whole commits only. */
export interface Reader {
  /** One page of bundles by check, outcome, order and time. */
  list(query?: Query): Page;
  /** A bundle by its id or the digest of its bytes; null where the index knows none. */
  find(id: string): BundleRow | null;
  /** The exact bytes of a bundle and the text of its signature file. */
  files(row: BundleRow): { folder: string; bytes: Buffer; signature: string };
  statistics(): Statistics;
  queueMetrics(now: Date): QueueMetrics;
  head(): Head | null;
  close(): void;
}

/** Opens a state folder to read beside its writer. Throws `absent` where nothing was ever recorded. */
export function openReader({ stateDir }: { stateDir: string }): Reader {
  const paths = layout(stateDir);
  if (!existsSync(paths.database)) {
    const message = `${stateDir}: nothing has been recorded there`;
    throw new FailureError('absent', { where: 'store' }, { message });
  }
  return guarded('store', () => createReader({ db: openDatabaseReadOnly(paths.database), paths }));
}

export function createReader({ db, paths }: { db: Db; paths: Layout }): Reader {
  const find = db.prepare<[string, string], BundleRow>(
    'SELECT * FROM bundle WHERE bundle_id = ? OR sha256 = ?',
  );
  const metrics = prepareMetrics(db);
  const head = db.prepare<[], Head>('SELECT chain_id, sequence, digest, key_id FROM head');
  return {
    list: (query = {}) => guarded('store', () => listBundles(db, query)),
    find: (id) => guarded('store', () => find.get(id, id) ?? null),
    files: ({ ended_at, bundle_id }) =>
      guarded('store', () => {
        const folder = bundleFolder(paths.evidence, { endedAt: ended_at, bundleId: bundle_id });
        return { folder, ...readBundleFiles(folder, MAX_BUNDLE_BYTES) };
      }),
    queueMetrics: (now) => guarded('store', () => metrics(now)),
    statistics: () => guarded('store', () => statistics(db)),
    head: () => head.get() ?? null,
    close: () => db.close(),
  };
}

function statistics(db: Db): Statistics {
  const totals = db
    .prepare<[], Pick<Statistics, 'bundles' | 'bytes' | 'receipted'>>(
      `SELECT coalesce(sum(bundles), 0) AS bundles, coalesce(sum(bytes), 0) AS bytes,
        coalesce(sum(receipted), 0) AS receipted FROM statistic`,
    )
    .get();
  const time = (which: 'min' | 'max') =>
    db.prepare<[], number | null>(`SELECT ${which}(ended_at) FROM bundle`).pluck().get() ?? null;
  const pruned = db
    .prepare<[], number>("SELECT value FROM tally WHERE name = 'pruned'")
    .pluck()
    .get();
  const byCheck = db
    .prepare<[], Statistics['byCheck'][number]>(
      'SELECT check_id, outcome, bundles FROM statistic WHERE bundles > 0 ORDER BY check_id, outcome',
    )
    .all();
  return {
    ...(totals ?? { bundles: 0, bytes: 0, receipted: 0 }),
    ...{ oldest: time('min'), newest: time('max'), pruned: pruned ?? 0, byCheck },
  };
}
