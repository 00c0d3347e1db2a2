import type { FastifyInstance } from 'fastify';
import { Uuid } from '../../../wire/primitives.ts';
import { expireOrders } from '../../orders/expire.ts';
import { layout, PAGE_HEADERS } from '../layout.ts';
import type { ViewerOptions } from '../routes.ts';
import { notThere } from '../visible.ts';
import { parseOrderFilter, ROWS } from './filter.ts';
import { ordersPage } from './list-page.ts';
import { orderPage } from './order-page.ts';

/** Orders as pages. What an operator does about them is `http/order-actions.ts`. */
export function orderPages(
  app: FastifyInstance,
  { store, now, orderRequestTtl: ttl }: ViewerOptions,
): void {
  const place = '/orders';

  app.get('/orders', async ({ reader, query }, reply) => {
    const filter = parseOrderFilter(query);
    await expireOrders(store, { now: now(), ttl });
    const { state, before, host: hostId } = filter;
    const page = await store.orderPage({ scope: reader, hostId, state, before, limit: ROWS });
    const body = ordersPage({ page, filter, role: reader.role });
    return reply.headers(PAGE_HEADERS).send(layout({ title: 'Orders', reader, place, body }));
  });

  app.get<{ Params: { id: string } }>('/orders/:id', async ({ reader, params }, reply) => {
    await expireOrders(store, { now: now(), ttl });
    const known = Uuid.safeParse(params.id).success;
    const order = known ? await store.order(params.id, reader) : null;
    if (order === null) throw notThere('order');
    const events = await store.orderEvents(order.orderId);
    const body = orderPage({ order, events, role: reader.role });
    const title = `${order.runbookId} on ${order.hostId}`;
    return reply.headers(PAGE_HEADERS).send(layout({ title, reader, place, body }));
  });
}
