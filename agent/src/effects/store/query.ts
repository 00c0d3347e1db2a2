import type { BundleRow } from './rows.ts';
import type { Db } from './schema.ts';

/** Which bundles, newest first unless said otherwise. Times are milliseconds since the epoch, `until` exclusive. */
export type Query = {
  readonly check?: string | undefined;
  readonly outcome?: string | undefined;
  readonly order?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly oldestFirst?: boolean | undefined;
  /** `next` of the page before. */
  readonly after?: number | undefined;
  /** At most this many, default 50. */
  readonly limit?: number | undefined;
};

export type Page = {
  readonly bundles: readonly BundleRow[];
  /** Where the next page begins; null at the end. */
  readonly next: number | null;
};

const DAY_MS = 86_400_000;

/**
 * Pages by position, the order of writing, so that a page costs the same however deep it lies. Times bound the positions
 * by the days that they touch, so that no index by time has to be sorted.
 */
export function listBundles(db: Db, query: Query): Page {
  const { limit = 50, oldestFirst = false } = query;
  const conditions: [clause: string, value: string | number | undefined][] = [
    ['check_id = ?', query.check],
    ['outcome = ?', query.outcome],
    ['order_id = ?', query.order],
    ['ended_at >= ?', query.since],
    ['ended_at < ?', query.until],
    ['position >= ?', since(db, query.since)],
    ['position <= ?', until(db, query.until)],
    [oldestFirst ? 'position > ?' : 'position < ?', query.after],
  ];
  const given = conditions.filter(([, value]) => value !== undefined);
  const where = given.length === 0 ? '' : `WHERE ${given.map(([clause]) => clause).join(' AND ')}`;
  const rows = db
    .prepare<(string | number | undefined)[], BundleRow>(
      `SELECT * FROM bundle ${where} ORDER BY position ${oldestFirst ? 'ASC' : 'DESC'} LIMIT ?`,
    )
    .all(...given.map(([, value]) => value), limit + 1);
  const bundles = rows.slice(0, limit);
  return { bundles, next: rows.length > limit ? (bundles.at(-1)?.position ?? null) : null };
}

/** The first position that any day from this time on has; what is not there is beyond all. */
function since(db: Db, time: number | undefined): number | undefined {
  if (time === undefined) return undefined;
  return db
    .prepare<[number], number>(
      'SELECT coalesce(min(first), 9007199254740991) FROM day WHERE number >= ?',
    )
    .pluck()
    .get(Math.floor(time / DAY_MS));
}

/** The last position that any day up to this time has. */
function until(db: Db, time: number | undefined): number | undefined {
  if (time === undefined) return undefined;
  return db
    .prepare<[number], number>('SELECT coalesce(max(last), 0) FROM day WHERE number <= ?')
    .pluck()
    .get(Math.floor(time / DAY_MS));
}
