import type { Database } from 'better-sqlite3';
import type { Severity, Verdict } from '../../../wire/verdict.ts';
import { dayOf, fold, statementsIn } from '../../standing/fold.ts';
import {
  chainsOfSql,
  fleetPageSql,
  fleetParameters,
  fleetRanksSql,
  hostInScopeSql,
  pageParameters,
  SQLITE,
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

/** A `StandingTableRow` in the order of `standingsOfSql`. */
type StandingList = [
  host_id: string,
  check_id: string,
  verdict: Verdict,
  severity: Severity | null,
  since: string,
  said_at: string,
  sha256: string,
];

/** What the viewer shows, and the standings that spare it counting. */
export function viewTables(database: Database): ViewStore {
  const selectLogged = database.prepare<[number], LoggedRow>(`
    SELECT host_id, sha256, received_at, fork, bundle
    FROM log_leaves JOIN evidence USING (arrival)
    WHERE leaf_index >= (SELECT leaves FROM summary) ORDER BY leaf_index LIMIT ?`);
  const advance = database.prepare<[number]>('UPDATE summary SET leaves = leaves + ?');
  // Six of a host, and a thousand hosts on a page: better-sqlite3 makes a list of a row for half of what an object costs.
  const selectStandings = database.prepare<[object], StandingList>(standingsOfSql(SQLITE)).raw();
  const standingsOf = (ids: object): StandingTableRow[] =>
    selectStandings
      .all(ids)
      .map(([host_id, check_id, verdict, severity, since, said_at, sha256]) => {
        return { host_id, check_id, verdict, severity, since, said_at, sha256 };
      });
  const selectDay = database.prepare<[string, string], DayTableRow>(
    'SELECT * FROM days WHERE host_id = ? AND day = ?',
  );
  const upsertStanding = database.prepare(`
    INSERT INTO standings (host_id, check_id, verdict, severity, rank, since, said_at, sha256)
    VALUES (@hostId, @check, @verdict, @severity, @rank, @since, @saidAt, @sha256)
    ON CONFLICT (host_id, check_id) DO UPDATE SET verdict = excluded.verdict,
      severity = excluded.severity, rank = excluded.rank, since = excluded.since,
      said_at = excluded.said_at, sha256 = excluded.sha256`);
  const upsertDay = database.prepare(`
    INSERT INTO days (host_id, day, hours) VALUES (?, ?, ?)
    ON CONFLICT (host_id, day) DO UPDATE SET hours = excluded.hours`);
  const selectPage = database.prepare<[object], FleetRow>(fleetPageSql(SQLITE));
  const selectRanks = database.prepare<[object], { worst: number; hosts: number }>(
    fleetRanksSql(SQLITE),
  );
  const selectHost = database.prepare<[object], HostRow>(hostInScopeSql(SQLITE));
  const selectChains = database.prepare<[object], ChainRow>(chainsOfSql(SQLITE));
  const selectDays = database.prepare<[string, string, string], DayTableRow>(
    'SELECT * FROM days WHERE host_id = ? AND day BETWEEN ? AND ?',
  );
  const selectTimeline = database.prepare<[object], TimelineRow>(`
    SELECT * FROM evidence
    WHERE host_id = @hostId AND check_id <> 'attestation'
      AND (@check IS NULL OR check_id = @check) AND (@outcome IS NULL OR outcome = @outcome)
      AND (timestamp_end, arrival) < (@timestampEnd, @arrival)
    ORDER BY timestamp_end DESC, arrival DESC LIMIT @limit`);
  const selectBundle = database.prepare<[string, string], BundleRow>(
    'SELECT * FROM evidence WHERE host_id = ? AND sha256 = ?',
  );

  const selectOrders = database.prepare<[object], OrderRow>(orderPageSql(SQLITE));
  const selectStates = database.prepare<[object], OrderStateRow>(orderStatesSql(SQLITE));
  const selectEvents = database.prepare<[object], OrderEventOfRow>(eventsOfSql(SQLITE));

  const summarise = database.transaction((limit: number): number => {
    const logged = selectLogged.all(limit).map(toLogged);
    if (logged.length === 0) return 0;
    const said = statementsIn(logged);
    const hosts = [...new Set(said.map(({ hostId }) => hostId))];
    const places = new Map(
      said.map(({ hostId, saidAt }) => [`${hostId} ${dayOf(saidAt)}`, [hostId, dayOf(saidAt)]]),
    );
    const found = [...places.values()].flatMap(([hostId = '', day = '']) =>
      selectDay.all(hostId, day),
    );
    const { standings, days } = fold(said, {
      standings: standingsByKey(standingsOf(numbered([JSON.stringify(hosts)]))),
      days: daysByKey(found),
    });
    for (const row of standings) upsertStanding.run(row);
    for (const { hostId, day, hours } of days) upsertDay.run(hostId, day, JSON.stringify(hours));
    advance.run(logged.length);
    return logged.length;
  });

  const around = (hosts: readonly FleetRow[]) => {
    const ids = numbered([JSON.stringify(hosts.map(({ host_id }) => host_id))]);
    return fleetHosts(hosts, selectChains.all(ids), standingsOf(ids));
  };

  return {
    summarise: async ({ limit }) => summarise.immediate(limit),
    async fleet(question) {
      const parameters = fleetParameters(question);
      const rows = selectPage.all(numbered([...parameters, ...pageParameters(question)]));
      const ranks = selectRanks.all(numbered(parameters));
      return {
        hosts: around(rows),
        ranks: new Map(ranks.map(({ worst, hosts }) => [worst, hosts])),
      };
    },
    async fleetHost(hostId, scope) {
      const row = selectHost.get(numbered([...scopeParameters(scope), hostId]));
      return row === undefined ? null : (around([{ ...row, worst: 0 }])[0] ?? null);
    },
    days: async ({ hostId, from, to }) =>
      new Map(selectDays.all(hostId, from, to).map(({ day, hours }) => [day, JSON.parse(hours)])),
    timeline: async ({ before, until, ...question }) =>
      selectTimeline
        .all({
          ...question,
          timestampEnd: before?.timestampEnd ?? until ?? '~',
          arrival: before?.arrival ?? 0,
        })
        .map(toTimelineBundle),
    async bundle(hostId, sha256) {
      const row = selectBundle.get(hostId, sha256);
      return row === undefined ? null : toBundle(row);
    },
    async orderPage(question) {
      const asked = orderParameters(question);
      const orders = selectOrders.all(numbered([...asked, ...orderPageParameters(question)]));
      const ids = JSON.stringify(orders.map(({ order_id }) => order_id));
      const states = selectStates.all(numbered(asked));
      return orderPage(orders, selectEvents.all(numbered([ids])), states);
    },
  };
}

/** Parameters of `$1`, `$2` …, which SQLite takes by name. */
const numbered = (parameters: readonly unknown[]): object =>
  Object.fromEntries(parameters.map((value, at) => [at + 1, value]));
