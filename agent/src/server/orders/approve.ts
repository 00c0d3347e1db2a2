import type { Verifier } from '../../core/ed25519.ts';
import { openEnvelope } from '../../core/envelope.ts';
import { type Envelope, OrderPayload } from '../../wire/envelope.ts';
import { FailureError } from '../../wire/failure.ts';
import type { Actor } from '../store/order-events.ts';
import type { Scope } from '../store/readers.ts';
import type { Order, Store } from '../store/store.ts';

/**
 * Checks a signed order before it is handed to its host: by an enrolled operator’s key, for this very request, and not
 * over. The host checks all of it again; this only spares it what it would refuse. Throws `rejected` or `expired`.
 */
export async function checkApproval({
  envelope,
  operators,
  find,
  now,
}: {
  envelope: unknown;
  operators: readonly Verifier[];
  /** The order of an id, or null. */
  find: (orderId: string) => Promise<Order | null>;
  now: Date;
}): Promise<{ order: Order; envelope: Envelope; expiresAt: string }> {
  const { payload, bytes, signature, keyId } = openEnvelope(envelope, {
    verifiers: operators,
    schema: OrderPayload,
  });
  const order = await find(payload.order_id);
  if (order === null) throw refused('no such order');
  if (order.state !== 'requested') throw refused(`order is ${order.state}`);
  const difference = differs(payload, order);
  if (difference !== undefined) throw refused(`another ${difference}`);
  const expires = Date.parse(payload.issued_at) + payload.ttl * 1000;
  if (expires <= now.getTime()) throw new FailureError('expired', { reason: 'order' });
  return {
    order,
    envelope: {
      payload: bytes.toString('base64'),
      signature: signature.toString('base64'),
      key_id: keyId,
    },
    expiresAt: new Date(expires).toISOString(),
  };
}

/**
 * Takes a signed order in, for its host to fetch; gives the order as it is then. Within a scope the orders of other hosts
 * are as if they were not there. Throws as `checkApproval` does.
 */
export async function approveOrder({
  store,
  envelope,
  operators,
  scope,
  by,
  now,
}: {
  store: Store;
  envelope: unknown;
  operators: readonly Verifier[];
  scope?: Scope;
  by: Actor;
  now: Date;
}): Promise<Order & { readonly expiresAt: string }> {
  const find = (orderId: string) => store.order(orderId, scope);
  const { order, ...approval } = await checkApproval({ envelope, operators, find, now });
  const { orderId } = order;
  const change = {
    orderId,
    from: 'requested',
    to: 'approved',
    by,
    now: now.toISOString(),
  } as const;
  if (!(await store.changeOrder({ ...change, approval })))
    throw refused('order was changed meanwhile');
  return { ...order, state: 'approved', ...approval };
}

/** The field by which what was signed is not what was asked. */
function differs(payload: OrderPayload, order: Order): string | undefined {
  const asked = {
    host_id: order.hostId,
    site_id: order.siteId,
    runbook_id: order.runbookId,
    sequence: order.sequence,
  };
  return Object.entries(asked).find(
    ([field, value]) => payload[field as keyof typeof asked] !== value,
  )?.[0];
}

function refused(reason: string): FailureError {
  return new FailureError('rejected', { reason });
}
