import * as z from 'zod';
import { ORDER_TYPE, OrderPayload } from '../../wire/envelope.ts';
import {
  CheckId,
  Identifier,
  Json,
  RemedyId,
  Sha256,
  Timestamp,
  Uuid,
} from '../../wire/primitives.ts';
import type { Order } from '../store/store.ts';

export const DRAFT_TYPE = 'compliance-agent/order-draft/v1';

/** What goes to the operator’s own machine: what is to be signed, and why. It is not signed itself and grants nothing. */
export const OrderDraft = z.strictObject({
  type: z.literal(DRAFT_TYPE),
  order_id: Uuid,
  host_id: Identifier,
  site_id: Identifier,
  runbook_id: RemedyId,
  params: z.record(z.string().max(64), Json),
  sequence: z.number().int().min(1),
  check: CheckId,
  reason: z.string().max(256),
  bundle_sha256: Sha256.nullable(),
  requested_at: Timestamp,
});
export type OrderDraft = z.infer<typeof OrderDraft>;

/** The draft of a request that was exported, and so has its sequence number. */
export function draftOrder({ sequence, ...order }: Order): OrderDraft {
  if (sequence === null) throw new RangeError(`order ${order.orderId} has no number`);
  return {
    type: DRAFT_TYPE,
    order_id: order.orderId,
    host_id: order.hostId,
    site_id: order.siteId,
    runbook_id: order.runbookId,
    params: {},
    sequence,
    check: order.check,
    reason: order.reason,
    bundle_sha256: order.bundleSha256,
    requested_at: order.requestedAt,
  };
}

/** What an operator signs of a draft: bound to its host, numbered, and valid for `ttl` seconds from `now`. */
export function orderPayload(
  draft: OrderDraft,
  {
    nonce,
    now,
    ttl,
    params,
  }: { nonce: string; now: Date; ttl: number; params?: OrderPayload['params'] },
): OrderPayload {
  const { order_id, runbook_id, host_id, site_id, sequence } = draft;
  return OrderPayload.parse({
    type: ORDER_TYPE,
    order_id,
    runbook_id,
    params: params ?? draft.params,
    nonce,
    sequence,
    issued_at: now.toISOString(),
    ttl,
    host_id,
    site_id,
  });
}
