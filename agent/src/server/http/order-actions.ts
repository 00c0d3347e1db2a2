import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Verifier } from '../../core/ed25519.ts';
import { describeFailure, FailureError } from '../../wire/failure.ts';
import { Uuid } from '../../wire/primitives.ts';
import { approveOrder } from '../orders/approve.ts';
import { draftOrder } from '../orders/draft.ts';
import { expireOrders } from '../orders/expire.ts';
import { Refusal } from '../refusal.ts';
import type { Actor } from '../store/order-events.ts';
import type { Order, Store } from '../store/store.ts';
import { takeForms, uploadedText } from './form-body.ts';
import { checkOperator } from './reader.ts';

type OfOrder = { Params: { id: string } };

/**
 * What an operator does about orders in the viewer: export a request for signing, take in what was signed outside, or
 * reject. The server holds no key that can sign one. For the pages behind `admitReaders`.
 */
export async function orderActions(
  pages: FastifyInstance,
  {
    store,
    now,
    limits,
    operators,
  }: {
    store: Store;
    now: () => Date;
    limits: { readonly orderRequestTtl: number };
    /** Public keys of the operators, as they are now. */
    operators: () => readonly Verifier[];
  },
): Promise<void> {
  takeForms(pages);
  pages.addHook('onRequest', async (request) => checkOperator(request));
  const expire = () => expireOrders(store, { now: now(), ttl: limits.orderRequestTtl });
  const byReader = ({ reader }: FastifyRequest): Actor => ({ kind: 'reader', name: reader.name });

  /** The order of a request, within what its reader may see. */
  const ordered = async ({ params, reader }: FastifyRequest<OfOrder>): Promise<Order> => {
    await expire();
    const { id } = params;
    const order = Uuid.safeParse(id).success ? await store.order(id, reader) : null;
    if (order === null) throw new Refusal(404, 'order_unknown', 'There is no such order.', 'id');
    if (order.state === 'requested') return order;
    throw new Refusal(409, 'order_state', `The order is ${order.state}.`, 'id');
  };
  const changedMeanwhile = () => new Refusal(409, 'order_state', 'It was changed meanwhile.', 'id');

  pages.post<OfOrder>('/orders/:id/export', async (request, reply) => {
    const { orderId } = await ordered(request);
    const by = byReader(request);
    const order = await store.exportOrder({ orderId, by, now: now().toISOString() });
    if (order === null) throw changedMeanwhile();
    return reply
      .header('content-disposition', `attachment; filename="order-${orderId}.draft.json"`)
      .type('application/json')
      .send(`${JSON.stringify(draftOrder(order), null, 2)}\n`);
  });

  pages.post<OfOrder>('/orders/:id/reject', async (request, reply) => {
    const { orderId } = await ordered(request);
    const change = {
      orderId,
      from: 'requested',
      to: 'rejected',
      now: now().toISOString(),
    } as const;
    if (!(await store.changeOrder({ ...change, by: byReader(request) }))) throw changedMeanwhile();
    return reply.redirect(`/orders/${orderId}`, 303);
  });

  pages.post('/orders/import', async (request, reply) => {
    const envelope = parseJson(await uploadedText(request));
    await expire();
    const { orderId } = await approveOrder({
      store,
      envelope,
      operators: operators(),
      scope: request.reader,
      by: byReader(request),
      now: now(),
    }).catch((error) => {
      if (!(error instanceof FailureError)) throw error;
      throw new Refusal(
        422,
        'order_refused',
        describeFailure(error.failure).slice(0, 512),
        'order',
      );
    });
    return reply.redirect(`/orders/${orderId}`, 303);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'json_malformed', 'Expected a signed order, JSON.', 'order');
  }
}
