import type { Observation, Unseen } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { UnitState } from './facts.ts';
import type { DeclaredUnit, RestartBound } from './section.ts';

/** A service may take this long to start (clamd loads its signatures for half a minute) before it counts as down. */
const STARTING_MINUTES = 10;

/**
 * Units that must run, against what systemd says of them. Rules:
 * - high: `unit_not_loaded`, `unit_masked`, `unit_failed`, `unit_not_active`, `unit_drop_in_not_declared`;
 * - medium: `unit_flapping` (more than `max_restarts` and the last within `restart_window_minutes`), `unit_needs_reload`;
 * - unknown: `unit_starting` (low, for ten minutes), `units_not_seen`.
 */
export function judgeUnits({
  units,
  declared,
  bound,
  now,
}: {
  units: readonly UnitState[] | Unseen;
  declared: readonly DeclaredUnit[];
  bound: RestartBound;
  now: Date;
}): Observation[] {
  if (isUnseen(units)) {
    const what = 'The state of the units';
    const { unseen } = units;
    return [unseenObservation({ rule: 'units_not_seen', subject: 'systemd', what, unseen })];
  }
  return declared.flatMap((one) => {
    const state = units.find(({ unit }) => unit === one.unit);
    if (state === undefined) return [];
    return [
      ...judgeActivity(state, now),
      ...judgeRestarts(state, bound, now),
      ...judgeDefinition(state, one),
    ];
  });
}

/** One finding at most: a masked unit is also inactive, which says nothing more. */
function judgeActivity(state: UnitState, now: Date): Observation[] {
  const { unit, load_state, active_state, sub_state } = state;
  const high = { subject: unit, severity: 'high' } as const;
  if (load_state === 'masked') {
    const actual = state.unit_file_state || 'masked';
    const message = `${unit} is masked.`;
    return [drift({ ...high, rule: 'unit_masked', expected: 'loaded', actual, message })];
  }
  if (load_state !== 'loaded') {
    const actual = load_state;
    const message = `${unit} is not loaded: ${load_state}.`;
    return [drift({ ...high, rule: 'unit_not_loaded', expected: 'loaded', actual, message })];
  }
  if (active_state === 'failed') {
    const actual = state.result ?? 'failed';
    const message = `${unit} has failed: ${actual}.`;
    return [drift({ ...high, rule: 'unit_failed', expected: 'active', actual, message })];
  }
  if (['active', 'reloading', 'refreshing'].includes(active_state)) return [];
  if (active_state === 'activating' && sub_state !== 'auto-restart') {
    const age = minutesSince(state.changed_at, now);
    if (age !== null && age < STARTING_MINUTES) return [starting(unit)];
  }
  const actual = `${active_state} (${sub_state})`;
  const message = `${unit} is not active: ${actual}.`;
  return [drift({ ...high, rule: 'unit_not_active', expected: 'active', actual, message })];
}

function judgeRestarts(state: UnitState, bound: RestartBound, now: Date): Observation[] {
  const { unit: subject, restarts: actual, changed_at } = state;
  const { max_restarts: expected, restart_window_minutes } = bound;
  const age = minutesSince(changed_at, now);
  const recent = age === null || age < restart_window_minutes;
  if (actual === null || actual <= expected || !recent) return [];
  const message = `${subject} was restarted ${actual} times, more than ${expected}, and lately.`;
  return [drift({ rule: 'unit_flapping', subject, severity: 'medium', expected, actual, message })];
}

function judgeDefinition(state: UnitState, { allowed_drop_ins }: DeclaredUnit): Observation[] {
  const { unit: subject, drop_ins, needs_reload } = state;
  const found = drop_ins
    .filter((path) => !isAllowed(path, allowed_drop_ins))
    .map((actual) => {
      const rule = 'unit_drop_in_not_declared';
      const message = `${subject} has a drop-in that is not declared.`;
      return drift({
        rule,
        subject,
        severity: 'high',
        expected: allowed_drop_ins,
        actual,
        message,
      });
    });
  if (!needs_reload) return found;
  const message = `${subject} was changed on disk and systemd has not loaded the change.`;
  const stale = { rule: 'unit_needs_reload', expected: false, actual: true };
  return [...found, drift({ ...stale, subject, severity: 'medium', message })];
}

function isAllowed(path: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) => (entry.endsWith('/') ? path.startsWith(entry) : path === entry));
}

function minutesSince(time: string | null, now: Date): number | null {
  return time === null ? null : (now.getTime() - Date.parse(time)) / 60_000;
}

function starting(unit: string): Observation {
  return {
    rule: 'unit_starting',
    subject: unit,
    verdict: 'unknown',
    severity: 'low',
    expected: 'active',
    actual: 'activating',
    message: `${unit} is starting.`,
  };
}

function drift(found: Omit<Observation, 'verdict'>): Observation {
  return { ...found, verdict: 'drifted' };
}
