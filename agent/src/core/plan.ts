import type { Deferral } from '../wire/deferral.ts';
import type { RemedyMode } from '../wire/settings.ts';
import type { CheckState } from '../wire/verdict.ts';
import { currentOpening, type MaintenanceWindow, missedSince, nextOpening } from './window.ts';

/** A remedy as the plan sees it: data, no act. */
export type PlannedRemedy = {
  readonly id: string;
  /** Whether it interrupts what the host does for people; such a remedy keeps to the maintenance window. */
  readonly disruptive: boolean;
  /** Whether a person must act, so that there is nothing to run. */
  readonly manual: boolean;
};

/** One earlier run, as the journal has it. */
export type Attempt = { readonly finishedAt: Date; readonly outcome: string };

/** What has been tried since the check was last steady: compliant for an hour. Oldest first. */
export type History = {
  readonly attempts: readonly Attempt[];
  /** When drift came back after a success. */
  readonly relapses: readonly Date[];
  readonly running: boolean;
};

/** Where a request for an order stands; null where none was made. */
export type OrderStanding = 'requested' | 'approved' | 'rejected' | null;

export type Situation = {
  readonly now: Date;
  readonly state: CheckState;
  readonly remedy: PlannedRemedy;
  readonly mode: RemedyMode;
  readonly history: History;
  readonly order: OrderStanding;
  readonly conditions: Conditions;
};

/** What is true for every check of one cycle. */
export type Conditions = {
  readonly window: MaintenanceWindow;
  readonly allowOutsideWindow: boolean;
  /** Runs what waited for a window that passed while nobody was there: since when nobody was. */
  readonly catchUpSince: Date | null;
  readonly frozen: boolean;
  readonly clock: Clock;
  readonly evidenceWritable: boolean;
  readonly hasServer: boolean;
};

/** How far off the clock is, as a time service tells, and how far it may be. */
export type Clock = { readonly offsetMs: number | null; readonly maxSkewMs: number };

export type PlanReason =
  | 'nothing_drifted'
  | 'running'
  | 'frozen'
  | 'evidence_not_writable'
  | 'person_must_act'
  | 'mode_alert'
  | 'no_server_for_order'
  | 'quarantined'
  | 'reverted_before'
  | 'order_needed'
  | 'order_requested'
  | 'order_rejected'
  | 'clock_unknown'
  | 'clock_off'
  | 'outside_window'
  | 'backing_off'
  | 'mode_auto'
  | 'window_open'
  | 'window_missed'
  | 'outside_window_allowed'
  | 'order_approved';

/** What to do about one check now, and why. `withOrder`: the remedy is handed the approved order. */
export type Plan =
  | { readonly step: 'none'; readonly reason: PlanReason }
  | { readonly step: 'remedy'; readonly reason: PlanReason; readonly withOrder: boolean }
  | { readonly step: 'defer'; readonly reason: Deferral & PlanReason; readonly until: Date | null }
  | { readonly step: 'request_order'; readonly reason: 'order_needed' }
  | { readonly step: 'alert'; readonly reason: PlanReason };

const HOUR = 3_600_000;
/** This many relapses within an hour quarantine a remedy (DESIGN 5). */
const QUARANTINE = 3;

/**
 * Decides what to do about one check (45 CFR 164.308(a)(6)(ii), CM-6(2)). The first rule that applies wins: what
 * forbids any remedy, then what asks for a person, then consent, then time.
 */
export function planRemedy(situation: Situation): Plan {
  return (
    nothingToDo(situation) ??
    forbidden(situation) ??
    needsPerson(situation) ??
    withoutConsent(situation) ??
    notNow(situation) ??
    go(situation)
  );
}

function nothingToDo({ state, history }: Situation): Plan | null {
  // `unknown` starts no remedy: what was not seen is not known to need one.
  if (state.verdict !== 'drifted') return { step: 'none', reason: 'nothing_drifted' };
  return history.running ? { step: 'none', reason: 'running' } : null;
}

function forbidden({ conditions }: Situation): Plan | null {
  if (!conditions.evidenceWritable) return alert('evidence_not_writable');
  return conditions.frozen ? { step: 'defer', reason: 'frozen', until: null } : null;
}

function needsPerson({ remedy, mode, history, order, conditions }: Situation): Plan | null {
  if (remedy.manual) return alert('person_must_act');
  if (mode === 'alert') return alert('mode_alert');
  if (order === 'approved') return null; // a person has looked
  if (quarantined(history.relapses)) return alert('quarantined');
  if (history.attempts.at(-1)?.outcome === 'reverted' && mode !== 'order')
    return alert('reverted_before');
  return mode === 'order' && !conditions.hasServer ? alert('no_server_for_order') : null;
}

function withoutConsent({ mode, order }: Situation): Plan | null {
  if (mode !== 'order' || order === 'approved') return null;
  if (order === null) return { step: 'request_order', reason: 'order_needed' };
  if (order === 'requested') return { step: 'defer', reason: 'order_requested', until: null };
  return alert('order_rejected');
}

function notNow({ now, remedy, mode, history, order, conditions }: Situation): Plan | null {
  const { window, allowOutsideWindow, clock } = conditions;
  const wrongTime = needsClock(remedy, mode) ? clockForbids(clock) : null;
  if (wrongTime !== null) return { step: 'defer', reason: wrongTime, until: null };
  if (keepsToWindow(remedy, mode) && !allowOutsideWindow) {
    const open = currentOpening(window, now) !== null || caughtUp(conditions, now);
    if (!open)
      return { step: 'defer', reason: 'outside_window', until: nextOpening(window, now).opens };
  }
  const until = order === 'approved' ? null : retryAt(history.attempts);
  return until !== null && until > now ? { step: 'defer', reason: 'backing_off', until } : null;
}

function go({ now, remedy, mode, order, conditions }: Situation): Plan {
  const withOrder = order === 'approved';
  const run = (reason: PlanReason): Plan => ({ step: 'remedy', reason, withOrder });
  if (withOrder) return run('order_approved');
  if (!keepsToWindow(remedy, mode)) return run('mode_auto');
  if (currentOpening(conditions.window, now) !== null) return run('window_open');
  return run(conditions.allowOutsideWindow ? 'outside_window_allowed' : 'window_missed');
}

/** `auto` is at once, by whoever set it so; any other way a disruptive remedy keeps to the window. */
export function keepsToWindow(
  remedy: Pick<PlannedRemedy, 'disruptive'>,
  mode: RemedyMode,
): boolean {
  return mode === 'window' || (mode === 'order' && remedy.disruptive);
}

/** What interrupts people or keeps to a time needs a clock that is right (DESIGN 9). */
export function needsClock(remedy: Pick<PlannedRemedy, 'disruptive'>, mode: RemedyMode): boolean {
  return remedy.disruptive || mode !== 'auto';
}

export function clockForbids({ offsetMs, maxSkewMs }: Clock): 'clock_unknown' | 'clock_off' | null {
  if (offsetMs === null) return 'clock_unknown';
  return Math.abs(offsetMs) > maxSkewMs ? 'clock_off' : null;
}

function caughtUp({ window, catchUpSince }: Conditions, now: Date): boolean {
  return catchUpSince !== null && missedSince(window, { since: catchUpSince, now }) !== null;
}

function quarantined(relapses: readonly Date[]): boolean {
  return relapses.some((first, index) => {
    const last = relapses[index + QUARANTINE - 1];
    return last !== undefined && last.getTime() - first.getTime() <= HOUR;
  });
}

/** When to try again after failures in a row: 1, 2, 4 … minutes, at most an hour apart. Null after a success. */
function retryAt(attempts: readonly Attempt[]): Date | null {
  const failures =
    attempts.length - 1 - attempts.findLastIndex(({ outcome }) => outcome === 'success');
  const last = attempts.at(-1);
  if (last === undefined || failures === 0) return null;
  return new Date(last.finishedAt.getTime() + Math.min(HOUR, 60_000 * 2 ** (failures - 1)));
}

function alert(reason: PlanReason): Plan {
  return { step: 'alert', reason };
}

const SENTENCES: Record<PlanReason, string> = {
  nothing_drifted: 'Nothing has drifted.',
  running: 'The remedy is running.',
  frozen: 'Remedies are frozen by an administrator of this host.',
  evidence_not_writable: 'Evidence cannot be written, so no remedy may start.',
  person_must_act: 'Only a person can mend this.',
  mode_alert: 'The settings ask for an alert and no remedy.',
  no_server_for_order: 'It needs a signed order, and this host has no control server.',
  quarantined: 'It drifted again three times within an hour after being mended.',
  reverted_before: 'The last run had to be taken back.',
  order_needed: 'It needs a signed order.',
  order_requested: 'A signed order has been asked for.',
  order_rejected: 'The order that was asked for was rejected.',
  clock_unknown: 'No time service tells how far off the clock is.',
  clock_off: 'The clock is off by more than ntp_max_skew_ms.',
  outside_window: 'The maintenance window is closed.',
  backing_off: 'The last run did not succeed; it is tried again later.',
  mode_auto: 'The remedy runs at once.',
  window_open: 'The maintenance window is open.',
  window_missed: 'The last maintenance window passed while the host was off; it is caught up.',
  outside_window_allowed: 'The settings allow disruptive remedies at any time.',
  order_approved: 'A signed order was approved.',
};

/** The reason as a sentence for a person. */
export function explainPlan(plan: Plan): string {
  const sentence = SENTENCES[plan.reason];
  return plan.step === 'defer' && plan.until !== null
    ? `${sentence.slice(0, -1)} until ${plan.until.toISOString()}.`
    : sentence;
}
