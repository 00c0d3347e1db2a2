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

/** Pages by position, the order of writing, so that a page costs the same however deep it lies. */
export function listBundles(db: Db, query: Query): Page {
  const { limit = 50, oldestFirst = false } = query;
  const conditions: [clause: string, value: string | number | undefined][] = [
    ['check_id = ?', query.check],
    ['outcome = ?', query.outcome],
    ['order_id = ?', query.order],
    ['ended_at >= ?', query.since],
    ['ended_at < ?', query.until],
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
