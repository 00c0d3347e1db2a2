import { createHmac } from 'node:crypto';
import type { Bundle, Draft } from '../wire/evidence.ts';
import { MAX_NOTICE_FINDINGS, NOTICE_TYPE, type Notice } from '../wire/notice.ts';
import { CheckState } from '../wire/verdict.ts';

/** Records of the agent’s own housekeeping, of which nobody need be told; metrics show when they stop. */
const QUIET: readonly string[] = ['agent', 'attestation', 'retention'];

/**
 * Events that others are told of. Of the rest, what is only `recorded` is a control that does not apply, which asks
 * nothing of anybody.
 */
const EVENTS: readonly string[] = ['freeze', 'acceptance', 'key', 'chain'];

/** Whether others are told of a bundle: every alert and outcome, and what people did (break-glass, keys, orders). */
export function isNoticed({ check, outcome }: Pick<Draft, 'check' | 'outcome'>): boolean {
  return !QUIET.includes(check) && (outcome !== 'recorded' || EVENTS.includes(check));
}

/** What is told of a bundle. `sha256` is that of its bytes. */
export function noticeOf(bundle: Bundle, sha256: string): Notice {
  const parsed = CheckState.safeParse(bundle.post_state);
  const state = parsed.success && parsed.data.check === bundle.check ? parsed.data : null;
  const findings = state?.findings ?? [];
  return {
    type: NOTICE_TYPE,
    bundle_id: bundle.bundle_id,
    bundle_sha256: sha256,
    chain_id: bundle.chain_id,
    sequence: bundle.sequence,
    site_id: bundle.site_id,
    host_id: bundle.host_id,
    deployment_mode: bundle.deployment_mode,
    reseller_id: bundle.reseller_id,
    agent_version: bundle.agent_version,
    timestamp_start: bundle.timestamp_start,
    timestamp_end: bundle.timestamp_end,
    check: bundle.check,
    hipaa_controls: bundle.hipaa_controls,
    outcome: bundle.outcome,
    error: bundle.error,
    order_id: bundle.order_id,
    runbook_id: bundle.runbook_id,
    summary: summarise(bundle, state),
    verdict: state?.verdict ?? null,
    severity: state?.severity ?? null,
    findings: findings
      .slice(0, MAX_NOTICE_FINDINGS)
      .map(({ expected: _, actual: __, ...finding }) => finding),
    findings_total: findings.length,
  };
}

function summarise(
  { host_id, check, outcome, runbook_id, error }: Bundle,
  state: CheckState | null,
): string {
  const parts = [
    `${host_id}: ${check}`,
    state === null ? '' : ` is ${state.verdict}`,
    state?.severity == null ? '' : ` (${state.severity})`,
    runbook_id === null ? `; ${outcome}` : `; ${runbook_id}: ${outcome}`,
    error === null ? '' : `, ${error.code}`,
    state?.findings[0] === undefined ? '' : `: ${state.findings[0].message}`,
  ];
  return parts.join('').slice(0, 512);
}

/**
 * Value of the signature header: HMAC-SHA256 (RFC 2104) over the timestamp’s digits, a full stop and the exact body, so
 * that neither can be exchanged.
 */
export function webhookSignature({
  secret,
  timestamp,
  body,
}: {
  secret: Uint8Array;
  timestamp: string;
  body: Uint8Array;
}): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`;
}
