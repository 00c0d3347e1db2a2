import type { Verdict } from '../wire/verdict.ts';
import type { Status } from './status.ts';

/** One line for `systemctl status` (STATUS= of sd_notify(3)): the worst first, then what waits. */
export function statusLine({ daemon, server, queue, notices }: Status): string {
  const told = Object.values(notices ?? {}).reduce(
    (sum, { pending, stalled }) => sum + pending + stalled,
    0,
  );
  const waiting = (queue?.pending ?? 0) + (queue?.stalled ?? 0);
  const parts = [
    controls(daemon?.last_cycle?.controls ?? []),
    daemon?.evidence_failure == null ? '' : 'EVIDENCE CANNOT BE WRITTEN',
    waiting === 0 || server.state === 'none' ? '' : `${waiting} bundles wait`,
    server.state === 'out of reach' ? 'server out of reach' : '',
    told === 0 ? '' : `${told} notices wait`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

type Control = { readonly check: string; readonly verdict: Verdict };

function controls(all: readonly Control[]): string {
  if (all.length === 0) return 'no cycle yet';
  const named = (verdict: Verdict) =>
    all.filter((control) => control.verdict === verdict).map(({ check }) => check);
  const [drifted, unknown] = [named('drifted'), named('unknown')];
  const worst = [
    drifted.length === 0 ? '' : `drifted: ${drifted.join(', ')}`,
    unknown.length === 0 ? '' : `unknown: ${unknown.join(', ')}`,
  ].filter((part) => part !== '');
  return worst.length === 0 ? `${named('compliant').length} controls compliant` : worst.join('; ');
}
