import * as z from 'zod';
import { Envelope } from './envelope.ts';
import { CheckId, Identifier, RemedyId, Sha256, Timestamp, Uuid } from './primitives.ts';

/** What agent and server say to each other over mTLS (DESIGN 7). Every answer body is JSON. */
export const ROUTES = {
  health: '/health',
  evidence: '/api/evidence',
  proof: (sha256: string) => `/api/evidence/${sha256}/proof`,
  consistency: '/api/log/consistency',
  orders: '/api/orders',
  orderStatus: (id: string) => `/api/orders/${id}/status`,
} as const;

export const HealthAnswer = z.strictObject({
  status: z.literal('ok'),
  version: z.string().max(64),
  time: Timestamp,
});
export type HealthAnswer = z.infer<typeof HealthAnswer>;

/** 201, and 200 for bytes that the server has already. */
export const EvidenceAnswer = z.strictObject({ receipt: Envelope });
/** 409: kept as a fork; the head says how far the server holds the chain. */
export const ForkAnswer = z.strictObject({ receipt: Envelope, head: Envelope });

/** RFC 6962 section 2.1.1: audit path from leaf to root, against a signed checkpoint. */
export const ProofAnswer = z.strictObject({
  leaf_index: z.number().int().min(0),
  audit_path: z.array(Sha256).max(64),
  checkpoint: Envelope,
});
export type ProofAnswer = z.infer<typeof ProofAnswer>;

/** RFC 6962 section 2.1.2: the log of `checkpoint` holds, unchanged, the first `first` leaves. */
export const ConsistencyAnswer = z.strictObject({
  first: z.number().int().min(0),
  path: z.array(Sha256).max(128),
  checkpoint: Envelope,
});
export type ConsistencyAnswer = z.infer<typeof ConsistencyAnswer>;

export const OrderState = z.enum([
  'requested',
  'approved',
  'rejected',
  'expired',
  'done',
  'failed',
]);
export type OrderState = z.infer<typeof OrderState>;

/** Body of `POST /api/orders`; asking again with the same `request_id` answers the same. */
export const OrderRequest = z.strictObject({
  request_id: Uuid,
  check: CheckId,
  runbook_id: RemedyId,
  reason: z
    .string()
    .max(256)
    .refine((text) => !text.includes('\u0000'), 'expected text without NUL'),
  bundle_sha256: Sha256.nullable().describe('the bundle that shows why'),
});
export type OrderRequest = z.infer<typeof OrderRequest>;

export const OrderStatusAnswer = z.strictObject({
  order_id: Uuid,
  host_id: Identifier,
  runbook_id: RemedyId,
  state: OrderState,
  requested_at: Timestamp,
  changed_at: Timestamp,
  order: Envelope.nullable().describe('the signed order, once approved'),
});
export type OrderStatusAnswer = z.infer<typeof OrderStatusAnswer>;

export const OrdersAnswer = z.strictObject({ orders: z.array(OrderStatusAnswer).max(256) });

/** Every 4xx and 5xx: a code to react to, a sentence to read, and which field was wrong. */
export const ErrorAnswer = z.strictObject({
  error: z.string().max(64),
  message: z.string().max(512),
  field: z.string().max(128).optional(),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;
