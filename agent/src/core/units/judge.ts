import { z } from 'zod';
import { AbsolutePath, type Json, UnitName } from '../../wire/primitives.ts';
import type { Severity } from '../../wire/verdict.ts';
import type { Observation, Unseen } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { UnitState } from './state.ts';

/** What a section of the baseline says of a unit that must run. */
export const DeclaredUnit = z.strictObject({
  unit: UnitName.describe('with its suffix, as clamav-daemon.service'),
  allowed_drop_ins: z
    .array(AbsolutePath)
    .max(64)
    .default([])
    .describe('drop-in files that are part of the declared configuration; a folder ends with /'),
});
export type DeclaredUnit = z.infer<typeof DeclaredUnit>;

/** Fields of a section that has units: when restarts are too many. */
export const restartBound = {
  max_restarts: z.number().int().min(0).max(1000).default(3).describe('automatic restarts'),
  restart_window_minutes: z
    .number()
    .int()
    .min(1)
    .max(10_080)
    .default(60)
    .describe('minutes since the last one, after which they no longer count'),
};
type RestartBound = { max_restarts: number; restart_window_minutes: number };

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
  const high = (rule: string, expected: Json, actual: Json, message: string) => [
    drift(rule, unit, 'high', expected, actual, message),
  ];
  if (load_state === 'masked') {
    return high('unit_masked', 'loaded', state.unit_file_state || 'masked', `${unit} is masked.`);
  }
  if (load_state !== 'loaded') {
    return high('unit_not_loaded', 'loaded', load_state, `${unit} is not loaded: ${load_state}.`);
  }
  if (active_state === 'failed') {
    const result = state.result ?? 'failed';
    return high('unit_failed', 'active', result, `${unit} has failed: ${result}.`);
  }
  if (['active', 'reloading', 'refreshing'].includes(active_state)) return [];
  if (active_state === 'activating' && sub_state !== 'auto-restart') {
    const age = minutesSince(state.changed_at, now);
    if (age !== null && age < STARTING_MINUTES) return [starting(unit)];
  }
  const actual = `${active_state} (${sub_state})`;
  return high('unit_not_active', 'active', actual, `${unit} is not active: ${actual}.`);
}

function judgeRestarts(state: UnitState, bound: RestartBound, now: Date): Observation[] {
  const { unit, restarts, changed_at } = state;
  const age = minutesSince(changed_at, now);
  const recent = age === null || age < bound.restart_window_minutes;
  if (restarts === null || restarts <= bound.max_restarts || !recent) return [];
  const message = `${unit} was restarted ${restarts} times, more than ${bound.max_restarts}, and lately.`;
  return [drift('unit_flapping', unit, 'medium', bound.max_restarts, restarts, message)];
}

function judgeDefinition(state: UnitState, declared: DeclaredUnit): Observation[] {
  const { unit, drop_ins, needs_reload } = state;
  const foreign = drop_ins.filter((path) => !isAllowed(path, declared.allowed_drop_ins));
  return [
    ...foreign.map((path) =>
      drift(
        'unit_drop_in_not_declared',
        unit,
        'high',
        declared.allowed_drop_ins,
        path,
        `${unit} has a drop-in that is not declared.`,
      ),
    ),
    ...(needs_reload
      ? [
          drift(
            'unit_needs_reload',
            unit,
            'medium',
            false,
            true,
            `${unit} was changed on disk and systemd has not loaded the change.`,
          ),
        ]
      : []),
  ];
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

function drift(
  rule: string,
  subject: string,
  severity: Severity,
  expected: Json,
  actual: Json,
  message: string,
): Observation {
  return { rule, subject, verdict: 'drifted', severity, expected, actual, message };
}
