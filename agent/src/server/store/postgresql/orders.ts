import type { TransactionSql } from 'postgres';
import type { Order, OrderStore } from '../order-store.ts';
import { EVERYTHING, type Scope } from '../readers.ts';
import {
  ORDER_OUTCOMES,
  type OrderEventRow,
  type OrderRow,
  toOrder,
  toOrderEvent,
} from '../rows.ts';
import type { Arrived } from '../store.ts';
import type { Sql } from './connect.ts';
import { inScope } from './scope.ts';

type Orders = OrderStore & { applyOutcome(tx: TransactionSql, arrived: Arrived): Promise<void> };

/** Requests and signed orders. What counts or numbers a host’s orders holds the row of that host meanwhile. */
export function orderTable(sql: Sql): Orders {
  const ofScope = (scope: Scope) =>
    sql`host_id IN (SELECT host_id FROM hosts WHERE ${inScope(sql, scope)})`;
  const get = async (orderId: string, scope = EVERYTHING): Promise<Order | null> => {
    const [row] = await sql<OrderRow[]>`
      SELECT * FROM orders WHERE order_id = ${orderId} AND ${ofScope(scope)}`;
    return row === undefined ? null : toOrder(row);
  };
  return {
    requestOrder: ({ hostId, siteId, orderId, request, now, maxOpen }) =>
      sql.begin(async (tx) => {
        await tx`SELECT 1 FROM hosts WHERE host_id = ${hostId} FOR NO KEY UPDATE`;
        const [earlier] = await tx<OrderRow[]>`
          SELECT * FROM orders WHERE host_id = ${hostId} AND request_id = ${request.request_id}`;
        if (earlier !== undefined) return { order: toOrder(earlier), created: false };
        const [count] = await tx<{ open: number }[]>`
          SELECT count(*) AS open FROM orders WHERE host_id = ${hostId} AND state = 'requested'`;
        if ((count?.open ?? 0) >= maxOpen) return 'too_many' as const;
        const [made] = await tx<OrderRow[]>`
          INSERT INTO orders (order_id, host_id, site_id, request_id, check_id, runbook_id, reason,
            bundle_sha256, state, requested_at, changed_at)
          VALUES (${orderId}, ${hostId}, ${siteId}, ${request.request_id}, ${request.check},
            ${request.runbook_id}, ${request.reason}, ${request.bundle_sha256}, 'requested',
            ${now}, ${now})
          RETURNING *`;
        await tx`
          INSERT INTO order_events (order_id, at, what, by_kind, by_name)
          VALUES (${orderId}, ${now}, 'requested', 'host', ${hostId})`;
        return { order: toOrder(made as OrderRow), created: true };
      }),
    order: get,
    async orders({ scope = EVERYTHING, hostId = null, state = null, limit }) {
      const rows = await sql<OrderRow[]>`
        SELECT * FROM orders
        WHERE ${ofScope(scope)} AND (${hostId}::text IS NULL OR host_id = ${hostId})
          AND (${state}::text IS NULL OR state = ${state})
        ORDER BY requested_at, order_id LIMIT ${limit}`;
      return rows.map(toOrder);
    },
    exportOrder: ({ orderId, by, now }) =>
      sql.begin(async (tx) => {
        await tx`
          SELECT 1 FROM hosts JOIN orders USING (host_id) WHERE order_id = ${orderId}
          FOR NO KEY UPDATE OF hosts`;
        await tx`
          UPDATE orders SET sequence = 1 + coalesce((SELECT max(sequence) FROM orders AS earlier
            WHERE earlier.host_id = orders.host_id), 0)
          WHERE order_id = ${orderId} AND state = 'requested' AND sequence IS NULL`;
        const [row] = await tx<OrderRow[]>`
          SELECT * FROM orders WHERE order_id = ${orderId} AND state = 'requested' FOR UPDATE`;
        if (row === undefined) return null;
        await tx`
          INSERT INTO order_events (order_id, at, what, by_kind, by_name)
          VALUES (${orderId}, ${now}, 'exported', ${by.kind}, ${by.name})`;
        return toOrder(row);
      }),
    async changeOrder({ orderId, from, to, by, now, approval }) {
      const envelope = approval === undefined ? null : JSON.stringify(approval.envelope);
      const { count } = await sql`
        WITH changed AS (
          UPDATE orders SET state = ${to}, changed_at = ${now},
            envelope = coalesce(${envelope}, envelope),
            expires_at = coalesce(${approval?.expiresAt ?? null}, expires_at)
          WHERE order_id = ${orderId} AND state = ${from} RETURNING *)
        INSERT INTO order_events (order_id, at, what, by_kind, by_name)
        SELECT order_id, changed_at, state, ${by.kind}, ${by.name}::text FROM changed`;
      return count === 1;
    },
    async orderEvents(orderId) {
      const rows = await sql<OrderEventRow[]>`
        SELECT * FROM order_events WHERE order_id = ${orderId} ORDER BY id`;
      return rows.map(toOrderEvent);
    },
    async expireOrders({ now, requestedBefore }) {
      const { count } = await sql`
        WITH expired AS (
          UPDATE orders SET state = 'expired', changed_at = ${now}
          WHERE (state = 'approved' AND expires_at <= ${now})
             OR (state = 'requested' AND requested_at <= ${requestedBefore}) RETURNING *)
        INSERT INTO order_events (order_id, at, what, by_kind, by_name)
        SELECT order_id, changed_at, state, 'time', NULL FROM expired`;
      return count;
    },
    async applyOutcome(tx, { hostId, orderId, outcome, receivedAt }) {
      const state = ORDER_OUTCOMES[outcome];
      if (orderId === null || state === undefined) return;
      await tx`
        WITH ended AS (
          UPDATE orders SET state = ${state}, changed_at = ${receivedAt}
          WHERE order_id = ${orderId} AND host_id = ${hostId} AND state = 'approved' RETURNING *)
        INSERT INTO order_events (order_id, at, what, by_kind, by_name)
        SELECT order_id, changed_at, state, 'host', host_id FROM ended`;
    },
  };
}
