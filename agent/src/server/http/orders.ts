import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type * as z from 'zod';
import { fieldIssues } from '../../wire/input.ts';
import {
  OrderRequest,
  type OrderStatusAnswer,
  type OrdersAnswer,
  ROUTES,
} from '../../wire/routes.ts';
import { expireOrders } from '../orders/expire.ts';
import { Refusal } from '../refusal.ts';
import type { Order, Store } from '../store/store.ts';
import type { AppLimits } from './app.ts';
import { enrolledHost } from './host.ts';

/** What one host may have open, and how many signed orders one answer carries. */
const MAX_OPEN_REQUESTS = 64;
const MAX_ORDERS_IN_ANSWER = 16;

/** A host asks for orders and fetches signed ones. It sees no other host’s. */
export function orderRoutes(
  app: FastifyInstance,
  { store, now, limits }: { store: Store; now: () => Date; limits: AppLimits },
): void {
  const expire = () => expireOrders(store, { now: now(), ttl: limits.orderRequestTtl });

  app.post(ROUTES.orders, { bodyLimit: 16 * 1024 }, async (request, reply) => {
    const { host } = await enrolledHost(request, store);
    await expire();
    const asked = await store.requestOrder({
      hostId: host.hostId,
      siteId: host.siteId,
      orderId: randomUUID(),
      request: parseBody(OrderRequest, request.body),
      now: now().toISOString(),
      maxOpen: MAX_OPEN_REQUESTS,
    });
    if (asked === 'too_many') {
      throw new Refusal(429, 'too_many_requests', 'Too many requests of this host are open.');
    }
    return reply.code(asked.created ? 201 : 200).send(statusOf(asked.order));
  });

  app.get<{ Querystring: { state?: unknown } }>(
    ROUTES.orders,
    async (request): Promise<z.infer<typeof OrdersAnswer>> => {
      const { host } = await enrolledHost(request, store);
      if (request.query.state !== 'approved') {
        throw new Refusal(400, 'state_unknown', 'Expected state=approved.', 'state');
      }
      await expire();
      const limit = MAX_ORDERS_IN_ANSWER;
      const orders = await store.orders({ hostId: host.hostId, state: 'approved', limit });
      return { orders: orders.map(statusOf) };
    },
  );

  app.get<{ Params: { id: string } }>(ROUTES.orderStatus(':id'), async (request) => {
    const { host } = await enrolledHost(request, store);
    await expire();
    const order = await store.order(request.params.id);
    if (order === null || order.hostId !== host.hostId) {
      throw new Refusal(404, 'order_unknown', 'This host has no such order.', 'id');
    }
    return statusOf(order);
  });
}

function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = fieldIssues(parsed.error, body);
  const message = `Found ${issue?.found}, ${issue?.expected}.`.slice(0, 512);
  throw new Refusal(400, 'field_malformed', message, issue?.field || 'body');
}

function statusOf(order: Order): OrderStatusAnswer {
  return {
    order_id: order.orderId,
    host_id: order.hostId,
    runbook_id: order.runbookId,
    state: order.state,
    requested_at: order.requestedAt,
    changed_at: order.changedAt,
    order: order.envelope,
  };
}
