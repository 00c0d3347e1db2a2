import type { Scope } from '../readers.ts';
import type { Sql } from './connect.ts';

/** Holds of rows of `hosts`, and of none for a scope that names nothing of theirs. */
export const inScope = (sql: Sql, { resellers, sites }: Scope) => sql`
  (${list(resellers)}::text[] IS NULL OR reseller_id = ANY (${list(resellers)}::text[]))
  AND (${list(sites)}::text[] IS NULL OR site_id = ANY (${list(sites)}::text[]))`;

const list = (names: readonly string[] | null) => (names === null ? null : [...names]);
