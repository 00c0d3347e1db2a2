import type * as z from 'zod';
import { Envelope, MAX_ORDER_BYTES, ORDER_TYPE, OrderPayload } from '../wire/envelope.ts';
import type { Verifier } from './ed25519.ts';
import { decodeJson } from './json.ts';

/** Why a host refuses an order; `reason` of the failure `rejected` that goes into evidence. */
export const REFUSALS = [
  'too_large', // longer than 16 KiB
  'malformed', // no envelope, or signed bytes that are no order
  'forged', // by a key that is not pinned
  'altered', // by a pinned key, but not these bytes
  'wrong_type', // signed as something else: a receipt is no order
  'other_host', // bound to another host or site
  'future_dated', // issued later than now
  'expired', // its time, or the longest that this host allows, has passed
  'before_state', // issued before the root-owned state was made anew, so it might be spent
  'replayed', // its nonce is spent
  'sequence', // not above the highest that was accepted
  'runbook_unknown', // not in the vocabulary of this version
  'runbook_not_allowed', // not allowed by the configuration
  'params', // not what the runbook takes
] as const;
export type OrderRefusal = (typeof REFUSALS)[number];

/** What the root side remembers of earlier orders. */
export type SpentOrders = {
  readonly highestSequence: number;
  readonly nonces: ReadonlySet<string>;
  /** When this memory was made; orders issued before it may have been spent in one that was lost. */
  readonly recreatedAt: Date;
};

export type AcceptedOrder = { readonly accepted: true; readonly order: OrderPayload };
export type RefusedOrder = {
  readonly accepted: false;
  readonly reason: OrderRefusal;
  /** Only of an order that a pinned key signed; nothing else is told about one that none did. */
  readonly orderId: string | null;
};

/**
 * The host’s own judgement of a signed order (DESIGN 7), whoever brought it. Size, form, key and signature come before
 * the payload is parsed; then type, binding, time, memory and vocabulary. An accepted order is not spent yet: the
 * caller keeps its nonce and sequence durably before it acts. `clockSkewMs` is how far ahead the issuer’s clock may be.
 */
export function acceptOrder({
  bytes,
  verifiers,
  hostId,
  siteId,
  now,
  orderTtl,
  clockSkewMs = 5000,
  runbooks,
  allowedRunbooks,
  spent,
}: {
  /** The envelope as it came, JSON. */
  bytes: Uint8Array;
  /** The pinned operators’ keys. */
  verifiers: readonly Verifier[];
  hostId: string;
  siteId: string;
  now: Date;
  /** Seconds for which an order may be valid at most on this host. */
  orderTtl: number;
  clockSkewMs?: number;
  /** The closed vocabulary: what each runbook takes as `params`. */
  runbooks: ReadonlyMap<string, z.ZodType>;
  /** Those that the configuration lets an order start. */
  allowedRunbooks: readonly string[];
  spent: SpentOrders;
}): AcceptedOrder | RefusedOrder {
  const refuse = (reason: OrderRefusal, orderId: string | null = null): RefusedOrder => ({
    accepted: false,
    reason,
    orderId,
  });
  if (bytes.length > MAX_ORDER_BYTES) return refuse('too_large');
  const envelope = Envelope.safeParse(decodeJson(bytes));
  if (!envelope.success) return refuse('malformed');
  const verifier = verifiers.find(({ keyId }) => keyId === envelope.data.key_id);
  if (verifier === undefined) return refuse('forged');
  const payload = Buffer.from(envelope.data.payload, 'base64');
  if (!verifier.verify(payload, Buffer.from(envelope.data.signature, 'base64'))) {
    return refuse('altered');
  }

  const signed = decodeJson(payload);
  if (typeOf(signed) !== ORDER_TYPE) return refuse('wrong_type');
  const parsed = OrderPayload.safeParse(signed);
  if (!parsed.success) return refuse('malformed');
  const order = parsed.data;
  const reason =
    wrongBinding(order, { hostId, siteId }) ??
    wrongTime(order, { now, orderTtl, clockSkewMs }) ??
    spentBefore(order, spent) ??
    wrongRunbook(order, { runbooks, allowedRunbooks });
  return reason === null ? { accepted: true, order } : refuse(reason, order.order_id);
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
}

function wrongBinding(
  order: OrderPayload,
  { hostId, siteId }: { hostId: string; siteId: string },
): OrderRefusal | null {
  return order.host_id === hostId && order.site_id === siteId ? null : 'other_host';
}

function wrongTime(
  order: OrderPayload,
  { now, orderTtl, clockSkewMs }: { now: Date; orderTtl: number; clockSkewMs: number },
): OrderRefusal | null {
  const age = now.getTime() - Date.parse(order.issued_at);
  if (age < -clockSkewMs) return 'future_dated';
  return age >= Math.min(order.ttl, orderTtl) * 1000 ? 'expired' : null;
}

function spentBefore(order: OrderPayload, spent: SpentOrders): OrderRefusal | null {
  if (Date.parse(order.issued_at) <= spent.recreatedAt.getTime()) return 'before_state';
  if (spent.nonces.has(order.nonce)) return 'replayed';
  return order.sequence > spent.highestSequence ? null : 'sequence';
}

function wrongRunbook(
  order: OrderPayload,
  {
    runbooks,
    allowedRunbooks,
  }: { runbooks: ReadonlyMap<string, z.ZodType>; allowedRunbooks: readonly string[] },
): OrderRefusal | null {
  const params = runbooks.get(order.runbook_id);
  if (params === undefined) return 'runbook_unknown';
  if (!allowedRunbooks.includes(order.runbook_id)) return 'runbook_not_allowed';
  return params.safeParse(order.params).success ? null : 'params';
}
