import type { Envelope } from '../../wire/envelope.ts';
import type { OrderRequest, OrderState } from '../../wire/routes.ts';
import type { Actor, OrderEvent } from './order-events.ts';
import type { Scope } from './readers.ts';

export type Order = {
  readonly orderId: string;
  readonly hostId: string;
  readonly siteId: string;
  readonly requestId: string;
  readonly check: string;
  readonly runbookId: string;
  readonly reason: string;
  readonly bundleSha256: string | null;
  readonly state: OrderState;
  readonly requestedAt: string;
  readonly changedAt: string;
  /** Rises by host; given when the order is first exported. */
  readonly sequence: number | null;
  readonly envelope: Envelope | null;
  readonly expiresAt: string | null;
};

/** Requests and signed orders. */
export type OrderStore = {
  /** The same `request_id` of the same host gives the order that was made then. */
  requestOrder(asked: {
    hostId: string;
    siteId: string;
    orderId: string;
    request: OrderRequest;
    now: string;
    maxOpen: number;
  }): Promise<{ order: Order; created: boolean } | 'too_many'>;
  order(orderId: string, scope?: Scope): Promise<Order | null>;
  /** Oldest first. */
  orders(filter: {
    scope?: Scope | undefined;
    hostId?: string | undefined;
    state?: OrderState | undefined;
    limit: number;
  }): Promise<Order[]>;
  /**
   * A requested order with its sequence number, exported for signing; gives it the host’s next one where it has none.
   * Null where there is no such requested order.
   */
  exportOrder(exported: { orderId: string; by: Actor; now: string }): Promise<Order | null>;
  /** False where the order is no longer in state `from`. */
  changeOrder(change: {
    orderId: string;
    from: OrderState;
    to: OrderState;
    by: Actor;
    now: string;
    approval?: { envelope: Envelope; expiresAt: string };
  }): Promise<boolean>;
  /** What became of an order, by whom and when, oldest first. */
  orderEvents(orderId: string): Promise<OrderEvent[]>;
  /** Ends requests made before `requestedBefore`, and approved orders whose time is over. */
  expireOrders(times: { now: string; requestedBefore: string }): Promise<number>;
};
