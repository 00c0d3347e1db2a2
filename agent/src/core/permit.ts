import type { Deferral } from '../wire/deferral.ts';
import type { Failure } from '../wire/failure.ts';
import type { RemedyMode } from '../wire/settings.ts';
import type { RefusedOrder } from './orders.ts';
import { type Clock, clockForbids, keepsToWindow, needsClock } from './plan.ts';
import { currentOpening, type MaintenanceWindow, nextOpening } from './window.ts';

const HOUR = 3_600_000;

export type PermitQuestion = {
  readonly now: Date;
  readonly disruptive: boolean;
  readonly mode: RemedyMode;
  /** What was judged of the order that came with it; null where none came. */
  readonly order: { readonly accepted: true } | RefusedOrder | null;
  readonly frozen: boolean;
  /** As root itself heard it; where `needsClock` says no it may be unknown. */
  readonly clock: Clock;
  readonly window: MaintenanceWindow;
  readonly allowOutsideWindow: boolean;
  /** When the host booted, where a window that it missed may be caught up; else null. */
  readonly catchUpSinceBoot: Date | null;
  /** Starts of this remedy that root knows of. */
  readonly runs: readonly Date[];
  readonly runsPerHour: number;
};

export type Permit =
  | { readonly granted: true }
  | {
      readonly granted: false;
      readonly outcome: 'deferred' | 'rejected' | 'expired';
      readonly error: Failure;
    };

/**
 * Whether root lets a remedy run. It trusts nobody: not the agent’s plan, nor what it says of clock and window, nor its
 * word that an order was approved (DESIGN 5, 9).
 */
export function permitRun(question: PermitQuestion): Permit {
  const { mode, order } = question;
  if (order?.accepted === false) {
    const outcome = order.reason === 'expired' ? 'expired' : 'rejected';
    return refuse(outcome, `order ${order.reason}`);
  }
  if (order === null && mode === 'order') return refuse('rejected', 'order needed');
  if (order === null && mode === 'alert') return refuse('rejected', 'mode alert');
  const deferral = deferralOf(question);
  return deferral === null ? { granted: true } : refuse('deferred', deferral);
}

function deferralOf(question: PermitQuestion): Deferral | null {
  const { now, disruptive, mode, frozen, clock, runs, runsPerHour } = question;
  if (frozen) return 'frozen';
  const wrongTime = needsClock({ disruptive }, mode) ? clockForbids(clock) : null;
  if (wrongTime !== null) return wrongTime;
  if (keepsToWindow({ disruptive }, mode) && !isOpen(question)) return 'outside_window';
  const recent = runs.filter((run) => now.getTime() - run.getTime() < HOUR);
  return recent.length >= runsPerHour ? 'rate_limit' : null;
}

/** A window is caught up while none has opened since the host booted. */
function isOpen({ now, window, allowOutsideWindow, catchUpSinceBoot: booted }: PermitQuestion) {
  if (allowOutsideWindow || currentOpening(window, now) !== null) return true;
  if (booted === null || currentOpening(window, booted) !== null) return false;
  return nextOpening(window, booted).opens > now;
}

function refuse(outcome: 'deferred' | 'rejected' | 'expired', reason: string): Permit {
  const code = outcome === 'deferred' ? 'busy' : outcome;
  return { granted: false, outcome, error: { code, params: { reason } } };
}
