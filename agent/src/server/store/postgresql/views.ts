import { dayOf, fold, statementsIn } from '../../standing/fold.ts';
import {
  chainsOfSql,
  fleetPageSql,
  fleetParameters,
  fleetRanksSql,
  hostInScopeSql,
  POSTGRESQL,
  pageParameters,
  scopeParameters,
  standingsOfSql,
} from '../fleet-query.ts';
import {
  eventsOfSql,
  orderPageParameters,
  orderPageSql,
  orderParameters,
  orderStatesSql,
} from '../order-query.ts';
import { type BundleRow, type ChainRow, type HostRow, type OrderRow, toBundle } from '../rows.ts';
import {
  type DayTableRow,
  daysByKey,
  type FleetRow,
  fleetHosts,
  type LoggedRow,
  type OrderEventOfRow,
  type OrderStateRow,
  orderPage,
  type StandingTableRow,
  standingsByKey,
  type TimelineRow,
  toLogged,
  toTimelineBundle,
} from '../view-rows.ts';
import type { ViewStore } from '../views.ts';
import type { Sql } from './connect.ts';

const PAGE = fleetPageSql(POSTGRESQL);
const RANKS = fleetRanksSql(POSTGRESQL);
const HOST = hostInScopeSql(POSTGRESQL);
const CHAINS = chainsOfSql(POSTGRESQL);
const STANDINGS = standingsOfSql(POSTGRESQL);
const ORDERS = orderPageSql(POSTGRESQL);
const ORDER_STATES = orderStatesSql(POSTGRESQL);
const ORDER_EVENTS = eventsOfSql(POSTGRESQL);

type Parameters = (string | number | null)[];

/** What the viewer shows, and the standings that spare it counting. Whoever holds the row of `summary` folds. */
export function viewTables(sql: Sql): ViewStore {
  // The statements are constants: nothing that anybody says is ever part of one.
  const ask = <T extends object>(text: string, parameters: Parameters) =>
    sql.unsafe<T[]>(text, parameters, { prepare: true });
  const around = async (hosts: readonly FleetRow[]) => {
    const ids = [JSON.stringify(hosts.map(({ host_id }) => host_id))];
    const [chains, standings] = await Promise.all([
      ask<ChainRow>(CHAINS, ids),
      ask<StandingTableRow>(STANDINGS, ids),
    ]);
    return fleetHosts(hosts, chains, standings);
  };

  return {
    summarise: ({ limit }) =>
      sql.begin(async (tx) => {
        const [summary] = await tx<{ leaves: number }[]>`SELECT leaves FROM summary FOR UPDATE`;
        const folded = summary?.leaves ?? 0;
        const rows = await tx<LoggedRow[]>`
          SELECT host_id, sha256, received_at, fork, bundle
          FROM log_leaves JOIN places USING (host_id, sha256)
            JOIN evidence USING (host_id, received_at, sha256)
          WHERE leaf_index >= ${folded} AND leaf_index < ${folded + limit} ORDER BY leaf_index`;
        if (rows.length === 0) return 0;
        const said = statementsIn(rows.map(toLogged));
        const hosts = said.map(({ hostId }) => hostId);
        const dates = said.map(({ saidAt }) => dayOf(saidAt));
        const [stood, told] = await Promise.all([
          tx<StandingTableRow[]>`SELECT * FROM standings WHERE host_id = ANY (${hosts}::text[])`,
          tx<DayTableRow[]>`
            SELECT DISTINCT days.* FROM unnest(${hosts}::text[], ${dates}::text[])
              AS asked (host_id, day) JOIN days USING (host_id, day)`,
        ]);
        const { standings, days } = fold(said, {
          standings: standingsByKey(stood),
          days: daysByKey(told),
        });
        await Promise.all([
          tx`INSERT INTO standings (host_id, check_id, verdict, severity, rank, since, said_at, sha256)
            SELECT * FROM unnest(${standings.map(({ hostId }) => hostId)}::text[],
              ${standings.map(({ check }) => check)}::text[],
              ${standings.map(({ verdict }) => verdict)}::text[],
              ${standings.map(({ severity }) => severity)}::text[],
              ${standings.map(({ rank }) => rank)}::int[],
              ${standings.map(({ since }) => since)}::timestamptz[],
              ${standings.map(({ saidAt }) => saidAt)}::timestamptz[],
              ${standings.map(({ sha256 }) => sha256)}::text[])
            ON CONFLICT (host_id, check_id) DO UPDATE SET verdict = excluded.verdict,
              severity = excluded.severity, rank = excluded.rank, since = excluded.since,
              said_at = excluded.said_at, sha256 = excluded.sha256`,
          tx`INSERT INTO days (host_id, day, hours)
            SELECT * FROM unnest(${days.map(({ hostId }) => hostId)}::text[],
              ${days.map(({ day }) => day)}::text[],
              ${days.map(({ hours }) => JSON.stringify(hours))}::text[])
            ON CONFLICT (host_id, day) DO UPDATE SET hours = excluded.hours`,
          tx`UPDATE summary SET leaves = leaves + ${rows.length}`,
        ]);
        return rows.length;
      }),
    async fleet(question) {
      const parameters = fleetParameters(question);
      const [rows, ranks] = await Promise.all([
        ask<FleetRow>(PAGE, [...parameters, ...pageParameters(question)]),
        ask<{ worst: number; hosts: number }>(RANKS, parameters),
      ]);
      return {
        hosts: await around(rows),
        ranks: new Map(ranks.map(({ worst, hosts }) => [worst, hosts])),
      };
    },
    async fleetHost(hostId, scope) {
      const [row] = await ask<HostRow>(HOST, [...scopeParameters(scope), hostId]);
      return row === undefined ? null : ((await around([{ ...row, worst: 0 }]))[0] ?? null);
    },
    async days({ hostId, from, to }) {
      const rows = await sql<DayTableRow[]>`
        SELECT * FROM days WHERE host_id = ${hostId} AND day BETWEEN ${from} AND ${to}`;
      return new Map(rows.map(({ day, hours }) => [day, JSON.parse(hours)]));
    },
    async timeline({ hostId, check, outcome, until, before, limit }) {
      const rows = await sql<TimelineRow[]>`
        SELECT timestamp_end, arrival, chain_id, sequence, sha256, fork, bundle, signature,
          receipt_payload, receipt_signature, receipt_key_id
        FROM (
          SELECT * FROM evidence
          WHERE host_id = ${hostId} AND check_id <> 'attestation'
            AND (${check}::text IS NULL OR check_id = ${check})
            AND (${outcome}::text IS NULL OR outcome = ${outcome})
            AND (timestamp_end, arrival)
              < (${before?.timestampEnd ?? until ?? 'infinity'}::timestamptz, ${before?.arrival ?? 0}::bigint)
          ORDER BY timestamp_end DESC, arrival DESC LIMIT ${limit}
        ) AS page JOIN places USING (host_id, received_at, sha256)
        ORDER BY timestamp_end DESC, arrival DESC`;
      return rows.map(toTimelineBundle);
    },
    async bundle(hostId, sha256) {
      const [row] = await sql<BundleRow[]>`
        SELECT arrival, chain_id, sequence, sha256, fork, bundle, signature,
          receipt_payload, receipt_signature, receipt_key_id
        FROM places JOIN evidence USING (host_id, received_at, sha256)
        WHERE host_id = ${hostId} AND sha256 = ${sha256}`;
      return row === undefined ? null : toBundle(row);
    },
    async orderPage(question) {
      const asked = orderParameters(question);
      const [orders, states] = await Promise.all([
        ask<OrderRow>(ORDERS, [...asked, ...orderPageParameters(question)]),
        ask<OrderStateRow>(ORDER_STATES, asked),
      ]);
      const ids = JSON.stringify(orders.map(({ order_id }) => order_id));
      return orderPage(orders, await ask<OrderEventOfRow>(ORDER_EVENTS, [ids]), states);
    },
  };
}
