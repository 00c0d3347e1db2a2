import { fingerprint } from '../../core/changes.ts';
import { attemptsOf, isPast } from '../../core/journal.ts';
import { type Conditions, type OrderStanding, type Plan, planRemedy } from '../../core/plan.ts';
import { modeOf, PLANNED } from '../../remedies/index.ts';
import { REMEDY_SOCKETS, type RemedySocket } from '../../wire/remedy.ts';
import type { Settings } from '../../wire/settings.ts';
import type { CheckState } from '../../wire/verdict.ts';
import type { HealingInput } from '../healing.ts';
import { windowOf } from '../remedy/permit.ts';
import type { HealerParts } from './healer.ts';

export type PlanParts = Pick<
  HealerParts,
  'settings' | 'checks' | 'readResults' | 'readRootState' | 'lastSeen'
> & { readonly journal: Pick<HealerParts['journal'], 'current'> };

/** The plan for one check as everything stands now, and the socket that its remedy has. */
export function planCheck(
  parts: PlanParts,
  {
    state,
    input,
    running,
  }: {
    state: CheckState;
    input: Pick<HealingInput, 'now' | 'mayStart' | 'context'>;
    running: boolean;
  },
): { plan: Plan; remedy: RemedySocket | null } {
  const settings = parts.settings();
  const journal = parts.journal.current();
  const id = parts.checks.find((check) => check.id === state.check)?.remedy ?? '';
  const socket = REMEDY_SOCKETS.find((one) => one === id) ?? null;
  const planned = PLANNED.find((one) => one.id === id) ?? { id, disruptive: true, manual: true };
  const plan = planRemedy({
    now: input.now,
    state,
    remedy: planned,
    mode: modeOf(id, settings.remedies),
    history: {
      attempts: attemptsOf(journal, {
        check: state.check,
        remedy: id,
        results: parts.readResults(),
      }),
      relapses: (journal.relapses[state.check] ?? []).map(({ at }) => new Date(at)),
      running,
    },
    order: standing(parts, state),
    conditions: conditions(parts, settings, input),
  });
  return { plan, remedy: socket };
}

function conditions(
  { readRootState, lastSeen }: PlanParts,
  settings: Settings,
  { mayStart, context }: Pick<HealingInput, 'mayStart' | 'context'>,
): Conditions {
  return {
    window: windowOf(settings),
    allowOutsideWindow: settings.allow_disruptive_outside_window,
    catchUpSince: settings.catch_up_missed_window ? lastSeen : null,
    frozen: (readRootState()?.frozen_since ?? null) !== null,
    clock: { offsetMs: context.ntp_offset_ms, maxSkewMs: settings.ntp_max_skew_ms },
    evidenceWritable: mayStart,
    hasServer: settings.mcp_url !== undefined,
  };
}

/** A rejection holds for the drift that it was about; other drift may be asked about again. */
function standing({ journal }: PlanParts, state: CheckState): OrderStanding {
  const order = journal.current().orders.find((one) => one.check === state.check && !isPast(one));
  if (order === undefined) return null;
  if (order.state === 'approved') return 'approved';
  if (order.state !== 'rejected') return 'requested';
  return order.fingerprint === fingerprint(state) ? 'rejected' : null;
}
