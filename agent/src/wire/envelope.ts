import * as z from 'zod';
import { Identifier, Json, KeyId, RemedyId, Sha256, Timestamp, Uuid } from './primitives.ts';

/**
 * Orders, receipts, heads and checkpoints travel as an envelope: `payload` is base64 of exact bytes, the Ed25519
 * signature covers those bytes, and their own `type` says what they are (DESIGN 6a). Verify before parsing.
 */
export const Envelope = z.strictObject({
  payload: z
    .base64()
    .min(4)
    .max(64 * 1024),
  signature: z.base64().length(88),
  key_id: KeyId,
});
export type Envelope = z.infer<typeof Envelope>;

export const ORDER_TYPE = 'compliance-agent/order/v1';
export const RECEIPT_TYPE = 'compliance-agent/receipt/v1';
export const HEAD_TYPE = 'compliance-agent/head/v1';
export const CHECKPOINT_TYPE = 'compliance-agent/checkpoint/v1';
/** A signed order that a root-side remedy reads from its socket is no longer than this. */
export const MAX_ORDER_BYTES = 16 * 1024;

/** An order chooses from a closed vocabulary; `params` is checked by the runbook’s own schema on the host. */
export const OrderPayload = z.strictObject({
  type: z.literal(ORDER_TYPE),
  order_id: Uuid,
  runbook_id: RemedyId,
  params: z.record(z.string().max(64), Json),
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  sequence: z
    .number()
    .int()
    .min(1)
    .describe('rises by host; an order with an older number is refused'),
  issued_at: Timestamp,
  ttl: z
    .number()
    .int()
    .min(1)
    .max(7 * 24 * 3600)
    .describe('seconds after issued_at until it expires'),
  host_id: Identifier,
  site_id: Identifier,
});
export type OrderPayload = z.infer<typeof OrderPayload>;

export const ReceiptPayload = z.strictObject({
  type: z.literal(RECEIPT_TYPE),
  host_id: Identifier,
  chain_id: Uuid,
  sequence: z.number().int().min(1),
  bundle_sha256: Sha256,
  received_at: Timestamp,
  fork: z
    .boolean()
    .describe('true where the server already held another bundle at this place of the chain'),
});
export type ReceiptPayload = z.infer<typeof ReceiptPayload>;

/** The server’s word on how far it has a host’s chain without a gap; the answer to a fork. */
export const HeadPayload = z.strictObject({
  type: z.literal(HEAD_TYPE),
  host_id: Identifier,
  chain_id: Uuid,
  sequence: z.number().int().min(0),
  bundle_sha256: Sha256,
  issued_at: Timestamp,
});
export type HeadPayload = z.infer<typeof HeadPayload>;

/** Size and root of the Merkle log (RFC 6962 section 2.1) at a time. */
export const CheckpointPayload = z.strictObject({
  type: z.literal(CHECKPOINT_TYPE),
  log_id: Uuid,
  size: z.number().int().min(0),
  root: Sha256,
  issued_at: Timestamp,
});
export type CheckpointPayload = z.infer<typeof CheckpointPayload>;
