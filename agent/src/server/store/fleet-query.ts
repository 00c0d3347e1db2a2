import { RANK } from '../standing/rank.ts';
import type { Scope } from './readers.ts';
import type { FleetQuestion } from './views.ts';

/**
 * The fleet in SQL that both databases understand. They differ only in how a list is read from a JSON parameter; both
 * take parameters as `$1`. What is an alarm is said by `alarmsOf` too (watch/alarms.ts); a test holds them together.
 */
export type Dialect = { readonly list: (parameter: string) => string };

export const SQLITE: Dialect = { list: (parameter) => `SELECT value FROM json_each(${parameter})` };
export const POSTGRESQL: Dialect = {
  list: (parameter) =>
    `SELECT jsonb_array_elements_text(CAST(CAST(${parameter} AS text) AS jsonb))`,
};

export const inScope = ({ list }: Dialect, resellers: string, sites: string) => `
  (CAST(${resellers} AS text) IS NULL OR h.reseller_id IN (${list(resellers)}))
  AND (CAST(${sites} AS text) IS NULL OR h.site_id IN (${list(sites)}))`;

const ALARM = `
  (h.changed_at < $6 AND NOT EXISTS (
    SELECT 1 FROM chains c WHERE c.host_id = h.host_id AND c.last_received_at >= $6))
  OR EXISTS (SELECT 1 FROM chains c WHERE c.host_id = h.host_id AND (c.gap_since < $6
    OR (c.forked_at IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM chains n WHERE n.host_id = h.host_id AND n.opened_at > c.forked_at))))`;

const OF_CONTROL =
  's.host_id = h.host_id AND (CAST($7 AS text) IS NULL OR s.check_id = CAST($7 AS text))';

/** Hosts of a question with their rank: parameters 1 to 8. */
const judged = (dialect: Dialect) => `
  SELECT h.*, CASE
      WHEN h.state <> 'active' THEN ${RANK.ended}
      WHEN ${ALARM} THEN ${RANK.alarm}
      ELSE coalesce((
        SELECT max(CASE WHEN s.said_at < $6 THEN ${RANK.unattested} ELSE s.rank END)
        FROM standings s WHERE ${OF_CONTROL}), ${RANK.untold})
    END AS worst
  FROM hosts h
  WHERE ${inScope(dialect, '$1', '$2')}
    AND (CAST($3 AS text) IS NULL OR lower(h.host_id) LIKE $3 ESCAPE '\\'
      OR lower(h.site_id) LIKE $3 ESCAPE '\\' OR lower(h.reseller_id) LIKE $3 ESCAPE '\\')
    AND (CAST($4 AS text) IS NULL OR h.state = CAST($4 AS text))
    AND (CAST($5 AS text) IS NULL
      OR EXISTS (SELECT 1 FROM standings s WHERE ${OF_CONTROL}
        AND CASE WHEN s.said_at < $6 THEN 'unattested' ELSE s.verdict END = CAST($5 AS text))
      OR (CAST($5 AS text) = 'unattested'
        AND NOT EXISTS (SELECT 1 FROM standings s WHERE ${OF_CONTROL})))
    AND (CAST($8 AS integer) = 0 OR (h.state = 'active' AND (${ALARM})))`;

export const fleetPageSql = (dialect: Dialect): string => `
  WITH judged AS MATERIALIZED (${judged(dialect)})
  SELECT * FROM judged WHERE worst < CAST($9 AS integer)
    OR (worst = CAST($9 AS integer) AND host_id > CAST($10 AS text))
  ORDER BY worst DESC, host_id LIMIT CAST($11 AS integer)`;

export const fleetRanksSql = (dialect: Dialect): string => `
  WITH judged AS MATERIALIZED (${judged(dialect)})
  SELECT worst, count(*) AS hosts FROM judged GROUP BY worst`;

export const hostInScopeSql = (dialect: Dialect): string =>
  `SELECT h.* FROM hosts h WHERE ${inScope(dialect, '$1', '$2')} AND h.host_id = CAST($3 AS text)`;

/** Chains and standings of the hosts of a page: one parameter, their ids. */
export const chainsOfSql = ({ list }: Dialect): string =>
  `SELECT * FROM chains WHERE host_id IN (${list('$1')}) ORDER BY host_id, opened_at, chain_id`;
export const standingsOfSql = ({ list }: Dialect): string =>
  `SELECT host_id, check_id, verdict, severity, since, said_at, sha256
    FROM standings WHERE host_id IN (${list('$1')}) ORDER BY host_id, check_id`;

export const scopeParameters = ({ resellers, sites }: Scope) => [
  resellers && JSON.stringify(resellers),
  sites && JSON.stringify(sites),
];

/** Parameters 1 to 8. */
export const fleetParameters = ({
  scope,
  search,
  state,
  standing,
  heardSince,
  control,
  alarm,
}: FleetQuestion) => [
  ...scopeParameters(scope),
  search && `%${search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`,
  state,
  standing,
  heardSince,
  control,
  alarm ? 1 : 0,
];

/** Parameters 9 to 11. */
export const pageParameters = ({ after, limit }: FleetQuestion) => [
  after?.worst ?? RANK.alarm + 1,
  after?.hostId ?? '',
  limit,
];
