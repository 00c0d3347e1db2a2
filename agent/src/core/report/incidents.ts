import { highest, type Severity } from '../../wire/verdict.ts';
import type { Attempt, Entry, Statement } from './entry.ts';
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
  readonly attempts: readonly (Omit<Attempt, 'check' | 'before'> & {
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

/** Every incident of one control that reaches into the period, in the order of detection; of entries in that of numbers. */
export function createIncidents(
  check: string,
  period: Period,
): { add(entry: Entry): void; end(): Incident[] } {
  const incidents: Incident[] = [];
  let open: Open | null = null;
  let first = true;
  let over = false;
  return {
    add(entry) {
      over ||= entry.ended >= period.to;
      if (over) return;
      const at = new Date(entry.ended).toISOString();
      const { attempt, bundle_id } = entry;
      if (attempt?.check === check) {
        const { check: _, before, ...what } = attempt;
        open ??= begin(before, { bundle_id, at: entry.began, first });
        open?.attempts.push({ ...what, at, bundle_id });
      }
      const statement = entry.statements.find((one) => one.check === check);
      if (statement === undefined) return;
      if (statement.verdict === 'drifted' || statement.verdict === 'unknown') {
        if (open === null) open = begin(statement, { bundle_id, at: entry.ended, first });
        else goOn(open, statement);
      } else if (open !== null) {
        const healed = open.attempts.some(({ outcome }) => outcome === 'success');
        incidents.push({ ...open, end: healed ? 'healed' : 'cleared', ended_at: at });
        open = null;
      }
      first = false;
    },
    end: () =>
      [...incidents, ...(open === null ? [] : [open])].filter(
        ({ ended_at }) => ended_at === null || Date.parse(ended_at) >= period.from,
      ),
  };
}

function goOn(open: Open, { verdict, severity, found }: Statement): void {
  open.severity = highest([severity, open.severity].filter((one) => one !== null));
  if (verdict === 'drifted') open.kind = 'drifted';
  if (open.found.length === 0) open.found = found;
}

/** An incident that a statement opens; null where it speaks of none. */
function begin(
  statement: Statement | null,
  { bundle_id, at, first }: { bundle_id: string; at: number; first: boolean },
): Open | null {
  if (statement?.verdict !== 'drifted' && statement?.verdict !== 'unknown') return null;
  const { check, verdict, severity, found } = statement;
  return {
    ...{ check, kind: verdict, severity, bundle_id, found, seen_from_start: first },
    detected_at: new Date(at).toISOString(),
    attempts: [],
    end: 'open',
    ended_at: null,
  };
}
