import type { OrderState } from '../../wire/routes.ts';
import type { Severity, Verdict } from '../../wire/verdict.ts';
import type { ControlStanding, DayRow, LoggedBundle, StandingRow } from '../standing/fold.ts';
import { dayKey, standingKey } from '../standing/fold.ts';
import {
  type BundleRow,
  type ChainRow,
  type HostRow,
  type OrderEventRow,
  type OrderRow,
  summaries,
  toBundle,
  toOrder,
  toOrderEvent,
} from './rows.ts';
import type { FleetHost, OrderPage, TimelineBundle } from './views.ts';

/** Rows of what is derived for the viewer, as both databases give them. */
export type StandingTableRow = {
  host_id: string;
  check_id: string;
  verdict: Verdict;
  severity: Severity | null;
  since: string;
  said_at: string;
  sha256: string;
};
export type DayTableRow = { host_id: string; day: string; hours: string };
export type LoggedRow = {
  host_id: string;
  sha256: string;
  received_at: string;
  fork: number | boolean;
  bundle: Buffer;
};
export type FleetRow = HostRow & { worst: number };
export type TimelineRow = BundleRow & { timestamp_end: string };

export const toLogged = (row: LoggedRow): LoggedBundle => ({
  hostId: row.host_id,
  sha256: row.sha256,
  receivedAt: row.received_at,
  fork: Boolean(row.fork),
  bytes: row.bundle,
});

const toStanding = (row: StandingTableRow): ControlStanding => ({
  check: row.check_id,
  verdict: row.verdict,
  severity: row.severity,
  since: row.since,
  saidAt: row.said_at,
  sha256: row.sha256,
});

/** By the key that `fold` asks with. */
export const standingsByKey = (rows: readonly StandingTableRow[]): Map<string, StandingRow> =>
  new Map(
    rows.map((row) => [
      standingKey(row.host_id, row.check_id),
      { hostId: row.host_id, ...toStanding(row) },
    ]),
  );
export const daysByKey = (rows: readonly DayTableRow[]): Map<string, DayRow> =>
  new Map(
    rows.map(({ host_id: hostId, day, hours }) => [
      dayKey(hostId, day),
      { hostId, day, hours: JSON.parse(hours) },
    ]),
  );

export const toTimelineBundle = (row: TimelineRow): TimelineBundle => ({
  ...toBundle(row),
  timestampEnd: row.timestamp_end,
});

export type OrderEventOfRow = OrderEventRow & { order_id: string };
export type OrderStateRow = { state: OrderState; orders: number };

/** Orders, each with the last of its events; events come in their order. */
export function orderPage(
  orders: readonly OrderRow[],
  events: readonly OrderEventOfRow[],
  states: readonly OrderStateRow[],
): OrderPage {
  const last = new Map(events.map((row) => [row.order_id, toOrderEvent(row)]));
  return {
    orders: orders.map((row) => ({ ...toOrder(row), last: last.get(row.order_id) ?? null })),
    states: new Map(states.map(({ state, orders: count }) => [state, count])),
  };
}

/** Hosts with chains and standings, in the order of the hosts. */
export function fleetHosts(
  hosts: readonly FleetRow[],
  chains: readonly ChainRow[],
  standings: readonly StandingTableRow[],
): FleetHost[] {
  const byHost = new Map<string, ControlStanding[]>(hosts.map(({ host_id }) => [host_id, []]));
  for (const row of standings) byHost.get(row.host_id)?.push(toStanding(row));
  return summaries(hosts, chains).map((summary, at) => ({
    ...summary,
    worst: hosts[at]?.worst ?? 0,
    standings: byHost.get(summary.host.hostId) ?? [],
  }));
}
