import { EXIT, Exit } from '../../../terminal/exit.ts';
import { draftOrder } from '../../orders/draft.ts';
import { expireOrders } from '../../orders/expire.ts';
import { COMMAND } from '../../store/order-events.ts';
import type { ConfigOption } from '../config-option.ts';
import { printJson } from '../json-file.ts';
import { withStore } from '../with-store.ts';

export async function exportOrder(orderId: string, options: ConfigOption): Promise<void> {
  const draft = await withStore(options, async (store, { order_request_ttl: ttl }) => {
    const now = new Date();
    await expireOrders(store, { now, ttl });
    const order = await store.exportOrder({ orderId, by: COMMAND, now: now.toISOString() });
    if (order !== null) return draftOrder(order);
    const found = await store.order(orderId);
    const why = found === null ? `there is no order ${orderId}` : `the order is ${found.state}`;
    throw new Exit(EXIT.failed, why);
  });
  printJson(draft);
}
