import * as z from 'zod';
import { tableText } from '../../../terminal/table.ts';
import { parseInput } from '../../../wire/input.ts';
import { Identifier } from '../../../wire/primitives.ts';
import { OrderState } from '../../../wire/routes.ts';
import { expireOrders } from '../../orders/expire.ts';
import type { Order } from '../../store/store.ts';
import type { ConfigOption } from '../config-option.ts';
import { printJson } from '../json-file.ts';
import { withStore } from '../with-store.ts';

const Filter = z.object({
  state: OrderState.optional(),
  host: Identifier.optional(),
  limit: z.coerce.number().int().min(1).max(10_000),
});

export async function listOrders({
  json = false,
  config,
  ...options
}: ConfigOption & { json?: boolean; state?: string; host?: string; limit: string }): Promise<void> {
  const { state, host, limit } = parseInput(Filter, options, 'command line');
  const orders = await withStore({ config }, async (store, { order_request_ttl: ttl }) => {
    await expireOrders(store, { now: new Date(), ttl });
    return store.orders({ state, hostId: host, limit });
  });
  if (json) return printJson(orders.map(plain));
  const head = ['ORDER', 'HOST', 'STATE', 'RUNBOOK', 'REQUESTED', 'REASON'];
  const cells = (order: Order) => [
    order.orderId,
    order.hostId,
    order.state,
    order.runbookId,
    order.requestedAt,
    order.reason,
  ];
  console.log(tableText(head, orders.map(cells)));
}

function plain(order: Order) {
  return {
    order_id: order.orderId,
    host_id: order.hostId,
    site_id: order.siteId,
    state: order.state,
    check: order.check,
    runbook_id: order.runbookId,
    reason: order.reason,
    bundle_sha256: order.bundleSha256,
    sequence: order.sequence,
    requested_at: order.requestedAt,
    changed_at: order.changedAt,
    expires_at: order.expiresAt,
  };
}
