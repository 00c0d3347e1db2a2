import { EXIT, Exit } from '../../../terminal/exit.ts';
import { draftOrder } from '../../orders/draft.ts';
import { expireOrders } from '../../orders/expire.ts';
import type { ConfigOption } from '../config-option.ts';
import { printJson } from '../json-file.ts';
import { withStore } from '../with-store.ts';

export async function exportOrder(orderId: string, options: ConfigOption): Promise<void> {
  const draft = await withStore(options, async (store, { order_request_ttl: ttl }) => {
    await expireOrders(store, { now: new Date(), ttl });
    const found = await store.order(orderId);
    if (found === null) throw new Exit(EXIT.failed, `there is no order ${orderId}`);
    if (found.state !== 'requested') throw new Exit(EXIT.failed, `the order is ${found.state}`);
    const order = await store.numberOrder(orderId);
    if (order?.sequence == null) throw new Exit(EXIT.failed, `order ${orderId} has no number`);
    return draftOrder({ ...order, sequence: order.sequence });
  });
  printJson(draft);
}
