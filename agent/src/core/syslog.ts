import type { Outcome } from '../wire/evidence.ts';
import type { Notice } from '../wire/notice.ts';
import type { Severity } from '../wire/verdict.ts';

/** “log audit” (RFC 5424 table 1). */
const FACILITY = 13;
/** Receivers SHOULD take so much (RFC 5424 section 6.1); a longer message may be cut by them. */
export const MAX_SYSLOG_BYTES = 2048;

/** Numerical severities of RFC 5424 table 2. */
export const SYSLOG = { critical: 2, error: 3, warning: 4, notice: 5, informational: 6 } as const;

const BY_SEVERITY: Record<Severity, number> = {
  critical: SYSLOG.critical,
  high: SYSLOG.error,
  medium: SYSLOG.warning,
  low: SYSLOG.notice,
};

const BY_OUTCOME: Record<Outcome, number> = {
  alert: SYSLOG.warning,
  failed: SYSLOG.error,
  reverted: SYSLOG.error,
  rejected: SYSLOG.warning,
  expired: SYSLOG.warning,
  deferred: SYSLOG.notice,
  recorded: SYSLOG.notice,
  success: SYSLOG.informational,
  compliant: SYSLOG.informational,
};

/** How urgent a notice is: a failed remedy as much as its drift at least. */
export function syslogSeverity({
  outcome,
  severity,
}: Pick<Notice, 'outcome' | 'severity'>): number {
  if (outcome === 'success' || outcome === 'compliant') return SYSLOG.informational;
  return Math.min(BY_OUTCOME[outcome], severity === null ? 7 : BY_SEVERITY[severity]);
}

/**
 * A notice as an RFC 5424 message, without framing. The element’s enterprise number 32473 is the one that RFC 5612 sets
 * aside for examples, as this project has none of its own.
 */
export function syslogMessage(notice: Notice, { pid }: { pid: number }): Buffer {
  const priority = FACILITY * 8 + syslogSeverity(notice);
  const { timestamp_end: time, host_id: host, check } = notice;
  const header = `<${priority}>1 ${time} ${host} compliance-agent ${pid} ${check.slice(0, 32)}`;
  const fields = {
    site: notice.site_id,
    reseller: notice.reseller_id,
    check,
    outcome: notice.outcome,
    verdict: notice.verdict,
    severity: notice.severity,
    findings: String(notice.findings_total),
    error: notice.error?.code ?? null,
    runbook: notice.runbook_id,
    order: notice.order_id,
    chain: notice.chain_id,
    sequence: String(notice.sequence),
    bundle: notice.bundle_id,
    sha256: notice.bundle_sha256,
  };
  const element = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${escapeValue(value ?? '')}"`)
    .join('');
  const message = `${header} [compliance@32473${element}] \uFEFF${oneLine(notice.summary)}`;
  return cut(Buffer.from(message), MAX_SYSLOG_BYTES);
}

/** Octet counting (RFC 6587 section 3.4.1, RFC 5425 section 4.3): the length in octets, a space, the message. */
export function octetCounted(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** `"`, `\` and `]` are escaped (RFC 5424 section 6.3.3). */
function escapeValue(value: string): string {
  return oneLine(value).replace(/["\\\]]/g, '\\$&');
}

/** Control characters would let one message look like two to a receiver that reads lines. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ');
}

/** At most so many bytes, never in the middle of a character of UTF-8. */
function cut(bytes: Buffer, most: number): Buffer {
  if (bytes.length <= most) return bytes;
  let end = most;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
