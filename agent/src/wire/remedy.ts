import * as z from 'zod';
import { Action } from './evidence.ts';
import { Failure } from './failure-schema.ts';
import { Timestamp, Uuid } from './primitives.ts';

export const REMEDY_TYPE = 'compliance-agent/remedy/v1';
/** A remedy’s socket answers with one document of at most this many bytes. */
export const MAX_REMEDY_BYTES = 256 * 1024;

/** The privileged steps that an unprivileged agent asks for over `/run/compliance-agent/remedy/NAME.sock` (DESIGN 5). */
export const REMEDY_SOCKETS = [
  'restart_av_service',
  'run_backup_job',
  'restart_logging_services',
  'restore_firewall_baseline',
  'update_to_baseline_generation',
] as const;
export const RemedySocket = z.enum(REMEDY_SOCKETS);
export type RemedySocket = z.infer<typeof RemedySocket>;

export const RemedyOutcome = z.enum([
  'success',
  'failed',
  'reverted',
  'deferred',
  'alert',
  'rejected',
  'expired',
]);
export type RemedyOutcome = z.infer<typeof RemedyOutcome>;

/**
 * What a remedy did, as root wrote it before it answered. `number` rises over all remedies of a host; `state` is
 * `started` from before the first step until the outcome is known, so a result that stays so was cut off.
 */
export const RemedyResult = z.strictObject({
  type: z.literal(REMEDY_TYPE),
  number: z.number().int().min(1),
  remedy: RemedySocket,
  state: z.enum(['started', 'finished']),
  order_id: Uuid.nullable(),
  timestamp_start: Timestamp,
  timestamp_end: Timestamp.nullable(),
  outcome: RemedyOutcome.nullable().describe('null until finished'),
  action_taken: z.array(Action).max(64),
  rollback_available: z.boolean(),
  rollback_generation: z.string().max(512).nullable(),
  target_generation: z.string().max(512).nullable(),
  error: Failure.nullable(),
});
export type RemedyResult = z.infer<typeof RemedyResult>;

/** What a remedy’s socket answers: the result of its run, or why none began. */
export const RemedyAnswer = z.discriminatedUnion('ran', [
  z.strictObject({ ran: z.literal(true), result: RemedyResult }),
  z.strictObject({
    ran: z.literal(false),
    remedy: RemedySocket,
    outcome: z.enum(['deferred', 'rejected', 'expired', 'failed']),
    order_id: Uuid.nullable(),
    error: Failure,
  }),
]);
export type RemedyAnswer = z.infer<typeof RemedyAnswer>;
