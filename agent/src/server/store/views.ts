import type { OrderState } from '../../wire/routes.ts';
import type { ControlStanding } from '../standing/fold.ts';
import type { Hours } from '../standing/hours.ts';
import type { Standing } from '../standing/rank.ts';
import type { OrderEvent } from './order-events.ts';
import type { HostState, HostSummary, Order, Scope, StoredBundle } from './store.ts';

export type FleetHost = HostSummary & {
  /** 0 to 9 (`RANK`). */
  readonly worst: number;
  readonly standings: readonly ControlStanding[];
};

export type FleetQuestion = {
  readonly scope: Scope;
  /** Part of the id of host, site or reseller, in any case. */
  readonly search: string | null;
  readonly state: HostState | null;
  /** Only what stands so; of `control`, or of any. */
  readonly standing: Standing | null;
  /** Ranks by this control alone. */
  readonly control: string | null;
  /** Only hosts with an alarm. */
  readonly alarm: boolean;
  /** What was heard before this counts no more. */
  readonly heardSince: string;
  /** The last host of the page before. */
  readonly after: { readonly worst: number; readonly hostId: string } | null;
  readonly limit: number;
};

export type FleetPage = {
  /** Worst first, then by id. */
  readonly hosts: readonly FleetHost[];
  /** How many hosts of the question, over all pages, are of each rank. */
  readonly ranks: ReadonlyMap<number, number>;
};

/** A page of what happened on a host, newest first: all bundles but attestations. */
export type TimelineQuestion = {
  readonly hostId: string;
  readonly check: string | null;
  readonly outcome: string | null;
  /** Only what ended before this time. */
  readonly until: string | null;
  readonly before: { readonly timestampEnd: string; readonly arrival: number } | null;
  readonly limit: number;
};
export type TimelineBundle = StoredBundle & { readonly timestampEnd: string };

export type OrderQuestion = {
  readonly scope: Scope;
  readonly hostId: string | null;
  readonly state: OrderState | null;
  /** The last order of the page before. */
  readonly before: Pick<Order, 'requestedAt' | 'orderId'> | null;
  readonly limit: number;
};
export type OrderPage = {
  /** Newest first, each with what last became of it. */
  readonly orders: readonly (Order & { readonly last: OrderEvent | null })[];
  /** How many there are in each state, over all pages. */
  readonly states: ReadonlyMap<OrderState, number>;
};

/** What the evidence viewer asks of a store. */
export type ViewStore = {
  /**
   * Folds at most `limit` bundles of the log, in its order, into standings and days; how many those were. They are
   * derived from evidence, so an empty one is made again from the beginning.
   */
  summarise(step: { limit: number }): Promise<number>;
  fleet(question: FleetQuestion): Promise<FleetPage>;
  /** One host with its standings; null where there is none within the scope. */
  fleetHost(hostId: string, scope: Scope): Promise<Omit<FleetHost, 'worst'> | null>;
  /** The hours of a host by day, of the days from `from` to `to`. */
  days(range: { hostId: string; from: string; to: string }): Promise<ReadonlyMap<string, Hours>>;
  timeline(question: TimelineQuestion): Promise<TimelineBundle[]>;
  bundle(hostId: string, sha256: string): Promise<StoredBundle | null>;
  orderPage(question: OrderQuestion): Promise<OrderPage>;
};
