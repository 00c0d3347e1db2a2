import { isNoticed } from '../../core/notice.ts';
import { syslogSeverity } from '../../core/syslog.ts';
import type { Draft } from '../../wire/evidence.ts';
import { CheckState } from '../../wire/verdict.ts';

type Place = { readonly chain_id: string; readonly sequence: number; readonly digest: string };

/** The journal fields of a bundle (systemd.journal-fields(7)); null for one that nobody is told of. */
export function journalFields(draft: Draft, place: Place | null): Record<string, string> | null {
  if (!isNoticed(draft)) return null;
  const { check, outcome, order_id, runbook_id, error, post_state } = draft;
  const state = CheckState.safeParse(post_state);
  const { verdict = null, severity = null } =
    state.success && state.data.check === check ? state.data : {};
  const what = [verdict ?? outcome, severity, runbook_id].filter((part) => part !== null);
  const fields: Record<string, string | null> = {
    MESSAGE: `${check}: ${what.join(', ')}${verdict === null ? '' : `; ${outcome}`}`,
    PRIORITY: String(syslogSeverity({ outcome, severity })),
    SYSLOG_IDENTIFIER: 'compliance-agent',
    COMPLIANCE_CHECK: check,
    COMPLIANCE_OUTCOME: outcome,
    COMPLIANCE_VERDICT: verdict,
    COMPLIANCE_SEVERITY: severity,
    COMPLIANCE_ERROR: error?.code ?? null,
    COMPLIANCE_RUNBOOK: runbook_id,
    COMPLIANCE_ORDER: order_id,
    COMPLIANCE_CHAIN: place?.chain_id ?? null,
    COMPLIANCE_SEQUENCE: place === null ? null : String(place.sequence),
    COMPLIANCE_BUNDLE_SHA256: place?.digest ?? null,
  };
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== null),
  );
}
