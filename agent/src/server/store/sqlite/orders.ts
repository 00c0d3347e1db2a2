import type { Database } from 'better-sqlite3';
import type { Actor } from '../order-events.ts';
import type { Order, OrderStore } from '../order-store.ts';
import { EVERYTHING } from '../readers.ts';
import {
  ORDER_OUTCOMES,
  type OrderEventRow,
  type OrderRow,
  toOrder,
  toOrderEvent,
} from '../rows.ts';
import type { Arrived } from '../store.ts';
import { IN_SCOPE, type ScopeParameters, scopeOf } from './scope.ts';

type Orders = OrderStore & { applyOutcome(arrived: Arrived): void };

/** Requests and signed orders. */
export function ordersTable(database: Database): Orders {
  const select = database.prepare<[string], OrderRow>('SELECT * FROM orders WHERE order_id = ?');
  const selectRequest = database.prepare<[string, string], OrderRow>(
    'SELECT * FROM orders WHERE host_id = ? AND request_id = ?',
  );
  const ofScope = `host_id IN (SELECT host_id FROM hosts WHERE ${IN_SCOPE})`;
  const selectInScope = database.prepare<{ orderId: string } & ScopeParameters, OrderRow>(
    `SELECT * FROM orders WHERE order_id = @orderId AND ${ofScope}`,
  );
  const selectSome = database.prepare<
    { hostId: string | null; state: string | null; limit: number } & ScopeParameters,
    OrderRow
  >(`SELECT * FROM orders
    WHERE ${ofScope} AND (@hostId IS NULL OR host_id = @hostId) AND (@state IS NULL OR state = @state)
    ORDER BY requested_at, order_id LIMIT @limit`);
  const countOpen = database.prepare<[string], { open: number }>(
    "SELECT count(*) AS open FROM orders WHERE host_id = ? AND state = 'requested'",
  );
  const insert = database.prepare(`
    INSERT INTO orders (order_id, host_id, site_id, request_id, check_id, runbook_id, reason,
      bundle_sha256, state, requested_at, changed_at)
    VALUES (@orderId, @hostId, @siteId, @request_id, @check, @runbook_id, @reason,
      @bundle_sha256, 'requested', @now, @now)`);
  const number = database.prepare(`
    UPDATE orders SET sequence = 1 + coalesce(
      (SELECT max(sequence) FROM orders AS earlier WHERE earlier.host_id = orders.host_id), 0)
    WHERE order_id = ? AND state = 'requested' AND sequence IS NULL`);
  const change = database.prepare(`
    UPDATE orders SET state = @to, changed_at = @now,
      envelope = coalesce(@envelope, envelope), expires_at = coalesce(@expiresAt, expires_at)
    WHERE order_id = @orderId AND state = @from`);
  const expire = database.prepare<{ now: string; requestedBefore: string }, { order_id: string }>(`
    UPDATE orders SET state = 'expired', changed_at = @now
    WHERE (state = 'approved' AND expires_at <= @now)
       OR (state = 'requested' AND requested_at <= @requestedBefore)
    RETURNING order_id`);
  const conclude = database.prepare(`
    UPDATE orders SET state = ?, changed_at = ?
    WHERE order_id = ? AND host_id = ? AND state = 'approved'`);
  const insertEvent = database.prepare(`
    INSERT INTO order_events (order_id, at, what, by_kind, by_name) VALUES (?, ?, ?, ?, ?)`);
  const selectEvents = database.prepare<[string], OrderEventRow>(
    'SELECT * FROM order_events WHERE order_id = ? ORDER BY id',
  );

  const record = (orderId: string, at: string, what: string, { kind, name }: Actor) =>
    insertEvent.run(orderId, at, what, kind, name);

  const get = (orderId: string, scope = EVERYTHING): Order | null => {
    const row = selectInScope.get({ orderId, ...scopeOf(scope) });
    return row === undefined ? null : toOrder(row);
  };
  const request = database.transaction((asked: Parameters<OrderStore['requestOrder']>[0]) => {
    const earlier = selectRequest.get(asked.hostId, asked.request.request_id);
    if (earlier !== undefined) return { order: toOrder(earlier), created: false };
    if ((countOpen.get(asked.hostId)?.open ?? 0) >= asked.maxOpen) return 'too_many' as const;
    const { request: wanted, maxOpen: _, ...about } = asked;
    insert.run({ ...wanted, ...about });
    record(asked.orderId, asked.now, 'requested', { kind: 'host', name: asked.hostId });
    return { order: toOrder(select.get(asked.orderId) as OrderRow), created: true };
  });

  const exportOne = database.transaction((exported: Parameters<OrderStore['exportOrder']>[0]) => {
    const { orderId, by, now } = exported;
    number.run(orderId);
    const order = get(orderId);
    if (order?.state !== 'requested') return null;
    record(orderId, now, 'exported', by);
    return order;
  });
  const changeOne = database.transaction((changed: Parameters<OrderStore['changeOrder']>[0]) => {
    const { approval, by, ...rest } = changed;
    const envelope = approval === undefined ? null : JSON.stringify(approval.envelope);
    const { changes } = change.run({ ...rest, envelope, expiresAt: approval?.expiresAt ?? null });
    if (changes === 1) record(rest.orderId, rest.now, rest.to, by);
    return changes === 1;
  });
  const expireAll = database.transaction((times: Parameters<OrderStore['expireOrders']>[0]) => {
    const expired = expire.all(times);
    for (const { order_id } of expired) {
      record(order_id, times.now, 'expired', { kind: 'time', name: null });
    }
    return expired.length;
  });

  return {
    requestOrder: async (asked) => request.immediate(asked),
    order: async (orderId, scope) => get(orderId, scope),
    orders: async ({ scope = EVERYTHING, hostId = null, state = null, limit }) =>
      selectSome.all({ hostId, state, limit, ...scopeOf(scope) }).map(toOrder),
    exportOrder: async (exported) => exportOne.immediate(exported),
    changeOrder: async (changed) => changeOne.immediate(changed),
    orderEvents: async (orderId) => selectEvents.all(orderId).map(toOrderEvent),
    expireOrders: async (times) => expireAll.immediate(times),
    applyOutcome({ hostId, orderId, outcome, receivedAt }) {
      const state = ORDER_OUTCOMES[outcome];
      if (orderId === null || state === undefined) return;
      const { changes } = conclude.run(state, receivedAt, orderId, hostId);
      if (changes === 1) record(orderId, receivedAt, state, { kind: 'host', name: hostId });
    },
  };
}
