import { type Permit, permitRun } from '../../core/permit.ts';
import { recentRuns } from '../../core/root-state.ts';
import type { MaintenanceWindow } from '../../core/window.ts';
import { modeOf } from '../../remedies/index.ts';
import type { RootState } from '../../wire/root-state.ts';
import type { Settings } from '../../wire/settings.ts';
import type { OrderJudgement } from './order.ts';
import type { RemedyRun } from './run.ts';

/** Root’s own permission, from its own state and its own reading of the settings. */
export function askPermit(
  { remedy, config: { settings }, bootedAt }: RemedyRun,
  {
    state,
    order,
    offsetMs,
    now,
  }: { state: RootState; order: OrderJudgement | null; offsetMs: number | null; now: Date },
): Permit {
  return permitRun({
    now,
    disruptive: remedy.disruptive,
    mode: modeOf(remedy.id, settings.remedies),
    order,
    frozen: state.frozen_since !== null,
    clock: { offsetMs, maxSkewMs: settings.ntp_max_skew_ms },
    window: windowOf(settings),
    allowOutsideWindow: settings.allow_disruptive_outside_window,
    catchUpSinceBoot: settings.catch_up_missed_window ? bootedAt : null,
    runs: recentRuns(state, remedy.id),
    runsPerHour: settings.remedy_runs_per_hour,
  });
}

/** The maintenance window that the settings describe. */
export function windowOf(settings: Settings): MaintenanceWindow {
  const { maintenance_window: span, time_zone: timeZone, maintenance_days: days } = settings;
  return { span, timeZone, days };
}
