import { STALLED_AFTER } from '../../core/backoff.ts';
import type { Db } from '../store/schema.ts';

/** The five metrics of DESIGN 6. `oldestAgeMs` is 0 where nothing waits; `bytes` counts what waits. */
export type QueueMetrics = {
  readonly pending: number;
  readonly stalled: number;
  readonly uploaded: number;
  readonly oldestAgeMs: number;
  readonly bytes: number;
};

/** Counts the queue of a database, for its writer and for readers beside it. */
export function prepareMetrics(db: Db): (now: Date) => QueueMetrics {
  const counts = db.prepare<
    [],
    { entries: number; stalled: number; bytes: number; oldest: number | null }
  >(
    `SELECT count(*) AS entries, coalesce(sum(tries >= ${STALLED_AFTER}), 0) AS stalled,
      coalesce(sum(size), 0) AS bytes, min(enqueued_at) AS oldest FROM queue`,
  );
  const uploaded = db.prepare<[], { value: number }>(
    "SELECT value FROM tally WHERE name = 'uploaded'",
  );
  return (now) => {
    const { entries = 0, stalled = 0, bytes = 0, oldest = null } = counts.get() ?? {};
    return {
      pending: entries - stalled,
      stalled,
      uploaded: uploaded.get()?.value ?? 0,
      oldestAgeMs: oldest === null ? 0 : Math.max(0, now.getTime() - oldest),
      bytes,
    };
  };
}
