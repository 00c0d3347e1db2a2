import * as z from 'zod';
import {
  DEPLOYMENT_MODES,
  EVIDENCE_TYPE,
  EVIDENCE_VERSION,
  MOST_CONTROLS,
  OUTCOMES,
} from './evidence-terms.ts';
import { Failure } from './failure-schema.ts';
import { CheckId, Identifier, Json, KeyId, Sha256, Timestamp, Uuid } from './primitives.ts';

export { EVIDENCE_TYPE, EVIDENCE_VERSION, MAX_BUNDLE_BYTES } from './evidence-terms.ts';

export const Outcome = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof Outcome>;

export const DeploymentMode = z.enum(DEPLOYMENT_MODES);
export type DeploymentMode = z.infer<typeof DeploymentMode>;

/**
 * `check` of a bundle that is not about one control:
 * attestation of all verdicts; start and stop; a new chain; a new key; break-glass; accepted generation; pruned range.
 */
export const RECORD_KINDS = [
  'attestation',
  'agent',
  'chain',
  'key',
  'freeze',
  'acceptance',
  'order',
  'retention',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];

export function isRecordKind(check: string): check is RecordKind {
  return RECORD_KINDS.some((kind) => kind === check);
}

/** One step of a remedy. `command` is the fixed command of the unit, never one of another process. */
export const Action = z.strictObject({
  step: z.number().int().min(1),
  action: z.string().max(64),
  command: z.string().max(512),
  exit_code: z.number().int().nullable(),
  duration_sec: z.number().min(0),
  result: z.enum(['ok', 'failed', 'skipped', 'refused']),
});
export type Action = z.infer<typeof Action>;

/** What a cycle hands over to be recorded; the writer adds identity, chain and key. */
export const Draft = z.strictObject({
  timestamp_start: Timestamp,
  timestamp_end: Timestamp,
  check: CheckId,
  hipaa_controls: z
    .array(z.string().max(64))
    .max(MOST_CONTROLS)
    .describe('citations of 45 CFR part 164, as 164.312(a)(1)'),
  pre_state: Json,
  post_state: Json,
  action_taken: z.array(Action).max(64),
  rollback_available: z.boolean(),
  rollback_generation: z.string().max(512).nullable(),
  outcome: Outcome,
  error: Failure.nullable(),
  order_id: Uuid.nullable(),
  runbook_id: z.string().max(64).nullable(),
});
export type Draft = z.infer<typeof Draft>;

/** What is true of the host and its configuration during a cycle. */
export const HostContext = z.strictObject({
  site_id: Identifier,
  host_id: Identifier,
  deployment_mode: DeploymentMode,
  reseller_id: Identifier.nullable(),
  policy_version: z.string().max(64),
  ruleset_hash: Sha256.describe('SHA-256 of the baseline in force, canonical JSON'),
  nixos_revision: z.string().max(64).nullable().describe('nixpkgs revision of the running system'),
  derivation_digest: Sha256.nullable().describe(
    'SHA-256 of the store path that /run/current-system points at',
  ),
  ntp_offset_ms: z
    .number()
    .nullable()
    .describe('clock offset in milliseconds; null where no time service told'),
  boot_id: z.string().max(64).describe('/proc/sys/kernel/random/boot_id'),
  agent_version: z.string().max(64),
});
export type HostContext = z.infer<typeof HostContext>;

/** Where a bundle stands: chained and numbered, so that a gap or a fork is seen by anyone. */
export const Link = z.strictObject({
  chain_id: Uuid,
  sequence: z.number().int().min(1),
  previous_digest: Sha256.describe('SHA-256 of the previous bundle.json; 64 zeros at sequence 1'),
  key_id: KeyId,
});
export type Link = z.infer<typeof Link>;

/** A whole bundle (45 CFR 164.316(b)(1), AU-10). Its canonical bytes are what is signed, and nothing else is. */
export const Bundle = z.strictObject({
  type: z.literal(EVIDENCE_TYPE),
  version: z.literal(EVIDENCE_VERSION),
  bundle_id: Uuid,
  ...HostContext.shape,
  ...Draft.shape,
  ...Link.shape,
});
export type Bundle = z.infer<typeof Bundle>;

/** As `Bundle`, of a value that `JSON.parse` gave: it can hold nothing but JSON, so that is not looked at again. */
export const ParsedBundle = Bundle.extend({
  pre_state: z.unknown(),
  post_state: z.unknown(),
}) as unknown as typeof Bundle;
