import { highest, type Severity } from '../../wire/verdict.ts';
import type { Attempt, Entry } from './entry.ts';
import type { Period } from './timeline.ts';

/** One time that a control was not compliant: from detection to its end, with all that was done about it. */
export type Incident = {
  readonly check: string;
  readonly kind: 'drifted' | 'unknown';
  readonly severity: Severity | null;
  readonly detected_at: string;
  /** The bundle that shows it first. */
  readonly bundle_id: string;
  /** Whether it may have begun before what the report saw of this host. */
  readonly seen_from_start: boolean;
  readonly found: readonly string[];
  readonly attempts: readonly (Omit<Attempt, 'check'> & {
    readonly at: string;
    readonly bundle_id: string;
  })[];
  /** `healed`: after a remedy that succeeded. `cleared`: without one. `open`: at the end of the period. */
  readonly end: 'healed' | 'cleared' | 'open';
  readonly ended_at: string | null;
};

type Open = { -readonly [K in keyof Incident]: Incident[K] } & {
  attempts: Incident['attempts'][number][];
};

/** Every incident of one control that reaches into the period, in the order of detection. */
export function incidentsOf(
  check: string,
  { entries, period }: { entries: readonly Entry[]; period: Period },
): Incident[] {
  const incidents: Incident[] = [];
  let open: Open | null = null;
  let first = true;
  for (const entry of entries) {
    if (entry.ended >= period.to) break;
    const at = new Date(entry.ended).toISOString();
    const { attempt, bundle_id } = entry;
    if (attempt?.check === check && open !== null) {
      const { check: _, ...what } = attempt;
      open.attempts.push({ ...what, at, bundle_id });
    }
    const statement = entry.statements.find((one) => one.check === check);
    if (statement === undefined) continue;
    const { verdict, severity, found } = statement;
    if (verdict === 'drifted' || verdict === 'unknown') {
      if (open === null) {
        const seen_from_start = first;
        open = {
          ...{ check, kind: verdict, severity, bundle_id, seen_from_start, found },
          detected_at: at,
          attempts: [],
          end: 'open',
          ended_at: null,
        };
      } else {
        open.severity = highest([severity, open.severity].filter((one) => one !== null));
        if (verdict === 'drifted') open.kind = 'drifted';
        if (open.found.length === 0) open.found = found;
      }
    } else if (open !== null) {
      const healed = open.attempts.some(({ outcome }) => outcome === 'success');
      incidents.push({ ...open, end: healed ? 'healed' : 'cleared', ended_at: at });
      open = null;
    }
    first = false;
  }
  if (open !== null) incidents.push(open);
  return incidents.filter(
    ({ ended_at }) => ended_at === null || Date.parse(ended_at) >= period.from,
  );
}
