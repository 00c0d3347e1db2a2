import { backoffMs, type Moment, RESTART_SPREAD_MS } from '../../core/backoff.ts';
import { MAX_BUNDLE_BYTES } from '../../wire/evidence.ts';
import type { Failure } from '../../wire/failure.ts';
import { FailureError } from '../../wire/failure.ts';
import { guarded, storeFailure } from '../store/failures.ts';
import { bundleFolder, type Layout, readBundleFiles } from '../store/folders.ts';
import type { Db } from '../store/schema.ts';
import { prepareMetrics, type QueueMetrics } from './metrics.ts';
import { prepareReceipts, type Receipt } from './receipts.ts';

export type { QueueMetrics } from './metrics.ts';
export type { Receipt } from './receipts.ts';

/** A bundle that waits for its receipt. */
export type QueueEntry = {
  readonly sha256: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly enqueued_at: number;
  readonly tries: number;
};

export interface Queue {
  /** The entries whose time has come, oldest first. */
  due(options: { at: Moment; limit: number }): QueueEntry[];
  /** What is sent for an entry: the exact bytes of `bundle.json` and the text of `bundle.sig`. */
  contents(sha256: string): { bytes: Buffer; signature: string };
  /** Takes entries out of the queue for their receipts, durably; `receipt.json` and `receipt.sig` lie beside the bundles. */
  markUploaded(received: readonly { sha256: string; receipt: Receipt }[]): void;
  /** After many receipts: waits until the disk has them. */
  settle(): Promise<void>;
  /** Counts a failed try and sets the next: 2^n minutes up to 60. `jitter` is a number in [0, 1). */
  markFailed(sha256: string, options: { at: Moment; failure: Failure; jitter: number }): void;
  /** Makes every entry due now; gives how many there are. */
  retryNow(): number;
  metrics(now: Date): QueueMetrics;
  /** Milliseconds until the next entry is due; 0 where one is, null where none waits. */
  nextDueMs(at: Moment): number | null;
  /** Queues every bundle without a receipt that is not queued: after a server was configured, or a queue wiped. */
  enqueueWaiting(): number;
}

/** The queue in the store’s own database: rows are added by the append that writes the bundle. */
export function createQueue({
  db,
  paths,
  bootId,
}: {
  db: Db;
  paths: Layout;
  bootId: string;
}): Queue {
  spreadAfterRestart(db, bootId);
  const statements = prepare(db);
  const { due, place, remove, receipted, tally, fail, retry, next } = statements;
  const metrics = prepareMetrics(db);

  const locate = (sha256: string) => {
    const row = place.get(sha256);
    if (row === undefined) throw new FailureError('absent', { where: 'queue' });
    return { position: row.position, folder: folderOf(paths, row) };
  };
  const receipts = prepareReceipts(db, (position) => {
    const row = statements.placeOf.get(position);
    return row === undefined ? null : folderOf(paths, row);
  });
  receipts.restore();
  const finish = db.transaction((received: Parameters<Queue['markUploaded']>[0]) =>
    received.map(({ sha256, receipt }) => {
      const { position, folder } = locate(sha256);
      receipts.keep(position, receipt);
      remove.run(sha256);
      if (receipted.run(sha256).changes > 0) tally.run();
      return { folder, receipt };
    }),
  );
  const failed = db.transaction(
    (sha256: string, { at, failure, jitter }: Parameters<Queue['markFailed']>[1]) => {
      const entry = statements.tries.get(sha256);
      if (entry === undefined) return; // another process was quicker
      const dueMs = at.sinceBootMs + backoffMs({ tries: entry.tries + 1, jitter });
      fail.run({ sha256, dueMs, bootId, failure: JSON.stringify(failure) });
    },
  );

  return {
    due: ({ at, limit }) => guarded('queue', () => due.all(at.sinceBootMs, limit)),
    contents: (sha256) =>
      guarded('queue', () => readBundleFiles(locate(sha256).folder, MAX_BUNDLE_BYTES)),
    markUploaded: (received) =>
      guarded('queue', () => {
        for (const { folder, receipt } of finish.immediate(received))
          receipts.write(folder, receipt);
      }),
    settle: () =>
      receipts.settle(paths.stateDir).catch((error: unknown) => {
        throw storeFailure(error, 'queue');
      }),
    markFailed: (sha256, options) => guarded('queue', () => failed.immediate(sha256, options)),
    retryNow: () => guarded('queue', () => retry.run(bootId).changes),
    metrics: (now) => guarded('queue', () => metrics(now)),
    nextDueMs: (at) => {
      const soonest = next.get()?.due_ms;
      return soonest === undefined ? null : Math.max(0, soonest - at.sinceBootMs);
    },
    enqueueWaiting: () => guarded('queue', () => statements.enqueueWaiting.run(bootId).changes),
  };
}

type Place = { readonly position: number; readonly ended_at: number; readonly bundle_id: string };

const folderOf = ({ evidence }: Layout, { ended_at, bundle_id }: Place): string =>
  bundleFolder(evidence, { endedAt: ended_at, bundleId: bundle_id });

/** Milliseconds since another boot mean nothing now: what was queued then is due now, spread by chance. */
function spreadAfterRestart(db: Db, bootId: string): void {
  db.prepare('UPDATE queue SET due_ms = abs(random()) % ?, boot_id = ? WHERE boot_id <> ?').run(
    RESTART_SPREAD_MS,
    bootId,
    bootId,
  );
}

function prepare(db: Db) {
  return {
    due: db.prepare<[number, number], QueueEntry>(
      'SELECT sha256, size, enqueued_at, tries FROM queue WHERE due_ms <= ? ORDER BY due_ms, position LIMIT ?',
    ),
    place: db.prepare<[string], Place>(
      'SELECT position, ended_at, bundle_id FROM bundle WHERE sha256 = ?',
    ),
    placeOf: db.prepare<[number], Place>(
      'SELECT position, ended_at, bundle_id FROM bundle WHERE position = ?',
    ),
    tries: db.prepare<[string], { tries: number }>('SELECT tries FROM queue WHERE sha256 = ?'),
    remove: db.prepare('DELETE FROM queue WHERE sha256 = ?'),
    receipted: db.prepare('UPDATE bundle SET receipted = 1 WHERE sha256 = ? AND receipted = 0'),
    tally: db.prepare("UPDATE tally SET value = value + 1 WHERE name = 'uploaded'"),
    fail: db.prepare(
      'UPDATE queue SET tries = tries + 1, due_ms = @dueMs, boot_id = @bootId, failure = @failure WHERE sha256 = @sha256',
    ),
    retry: db.prepare('UPDATE queue SET due_ms = 0, boot_id = ?'),
    next: db.prepare<[], { due_ms: number }>('SELECT due_ms FROM queue ORDER BY due_ms LIMIT 1'),
    enqueueWaiting: db.prepare(
      `INSERT INTO queue (position, sha256, size, enqueued_at, due_ms, boot_id)
        SELECT position, sha256, size, ended_at, 0, ? FROM bundle
        WHERE receipted = 0 AND position NOT IN (SELECT position FROM queue)`,
    ),
  };
}
