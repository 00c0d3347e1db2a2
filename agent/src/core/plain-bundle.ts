import type { Bundle } from '../wire/evidence.ts';
import {
  DEPLOYMENT_MODES,
  EVIDENCE_TYPE,
  EVIDENCE_VERSION,
  MOST_CONTROLS,
  OUTCOMES,
} from '../wire/evidence-terms.ts';
import { CHECK_ID, IDENTIFIER, isTime, SHA256_HEX, TIMESTAMP, UUID_V4 } from '../wire/patterns.ts';

/** Of a bundle; as each is looked at below, there is room for no other. */
const FIELDS = 31;
/** Of the spellings of a time those that surely are one, without asking the calendar. */
const PLAIN_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/**
 * Whether a value that `JSON.parse` gave is a bundle of the ordinary kind, without remedy and failure: told by hand in a
 * fourth of the schema’s time, and without loading it. True only of what `ParsedBundle` accepts, as it is; where false,
 * the schema is to be asked.
 */
export function isPlainBundle(value: unknown): value is Bundle {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const bundle = value as Record<keyof Bundle, unknown>;
  return (
    Object.keys(bundle).length === FIELDS &&
    bundle.type === EVIDENCE_TYPE &&
    bundle.version === EVIDENCE_VERSION &&
    isText(bundle.bundle_id, UUID_V4) &&
    // what is true of the host
    isText(bundle.site_id, IDENTIFIER) &&
    isText(bundle.host_id, IDENTIFIER) &&
    DEPLOYMENT_MODES.includes(bundle.deployment_mode as Bundle['deployment_mode']) &&
    (bundle.reseller_id === null || isText(bundle.reseller_id, IDENTIFIER)) &&
    isShort(bundle.policy_version, 64) &&
    isText(bundle.ruleset_hash, SHA256_HEX) &&
    (bundle.nixos_revision === null || isShort(bundle.nixos_revision, 64)) &&
    (bundle.derivation_digest === null || isText(bundle.derivation_digest, SHA256_HEX)) &&
    (bundle.ntp_offset_ms === null || Number.isFinite(bundle.ntp_offset_ms)) &&
    isShort(bundle.boot_id, 64) &&
    isShort(bundle.agent_version, 64) &&
    // what is recorded
    isPlainTime(bundle.timestamp_start) &&
    isPlainTime(bundle.timestamp_end) &&
    isText(bundle.check, CHECK_ID) &&
    Array.isArray(bundle.hipaa_controls) &&
    bundle.hipaa_controls.length <= MOST_CONTROLS &&
    bundle.hipaa_controls.every((control) => isShort(control, 64)) &&
    bundle.pre_state !== undefined &&
    bundle.post_state !== undefined &&
    Array.isArray(bundle.action_taken) &&
    bundle.action_taken.length === 0 &&
    typeof bundle.rollback_available === 'boolean' &&
    (bundle.rollback_generation === null || isShort(bundle.rollback_generation, 512)) &&
    OUTCOMES.includes(bundle.outcome as Bundle['outcome']) &&
    bundle.error === null &&
    (bundle.order_id === null || isText(bundle.order_id, UUID_V4)) &&
    (bundle.runbook_id === null || isShort(bundle.runbook_id, 64)) &&
    // where it stands
    isText(bundle.chain_id, UUID_V4) &&
    Number.isSafeInteger(bundle.sequence) &&
    (bundle.sequence as number) >= 1 &&
    isText(bundle.previous_digest, SHA256_HEX) &&
    isText(bundle.key_id, SHA256_HEX)
  );
}

const isText = (value: unknown, pattern: RegExp): boolean =>
  typeof value === 'string' && pattern.test(value);

const isShort = (value: unknown, most: number): boolean =>
  typeof value === 'string' && value.length <= most;

const isPlainTime = (value: unknown): boolean =>
  typeof value === 'string' && (PLAIN_TIME.test(value) || (TIMESTAMP.test(value) && isTime(value)));
