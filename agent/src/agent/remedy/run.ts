import type { Permit } from '../../core/permit.ts';
import { needsClock } from '../../core/plan.ts';
import type { Done, Hands, Remedy, Work } from '../../core/remedy.ts';
import { beginRun } from '../../core/root-state.ts';
import { takeRootLock } from '../../effects/root/lock.ts';
import { readResults, writeResult } from '../../effects/root/results.ts';
import {
  acceptGeneration,
  changeRootState,
  readAcceptedGeneration,
} from '../../effects/root/state.ts';
import { modeOf } from '../../remedies/index.ts';
import type { Action } from '../../wire/evidence.ts';
import { FailureError, toFailure } from '../../wire/failure.ts';
import type { Json } from '../../wire/primitives.ts';
import { REMEDY_TYPE, type RemedyAnswer, type RemedyResult } from '../../wire/remedy.ts';
import type { Config } from '../config.ts';
import { judgeOrder, type OrderJudgement } from './order.ts';
import { askPermit } from './permit.ts';

export type RemedyRun = {
  readonly remedy: Remedy;
  /** What came over the socket; empty where nothing did. */
  readonly order: Buffer;
  readonly config: Config;
  /** Raw 32-byte public keys of the operators whose orders count. */
  readonly orderKeys: readonly Uint8Array[];
  readonly bootedAt: Date;
  readonly clock: () => Date;
  /** Asks this host’s time service, as the agent does and not by way of it. */
  readonly readOffset: () => Promise<{ readonly offset_ms: number | null }>;
  readonly makeHands: (notes: Pick<Hands, 'noteRollback' | 'acceptGeneration'>) => {
    hands: Hands;
    actions(): Action[];
  };
};

/**
 * One connection to a remedy’s socket, on the root side: what an earlier run left is settled and answered first;
 * otherwise root judges for itself whether this may run, spends the order, writes that it began, runs it, and writes
 * how it ended, all before it answers (DESIGN 5). Never throws.
 */
export async function runRemedy(run: RemedyRun): Promise<RemedyAnswer> {
  const folder = run.config.settings.root_state_dir;
  try {
    const lock = takeRootLock(folder, run.remedy.id, 0);
    try {
      const unfinished = readResults(folder).findLast(
        ({ remedy, state }) => remedy === run.remedy.id && state === 'started',
      );
      return unfinished === undefined ? await begin(run) : await settle(run, unfinished);
    } finally {
      lock.release();
    }
  } catch (thrown) {
    const error = toFailure(thrown, `remedy.${run.remedy.id}`);
    const outcome = error.code === 'busy' ? 'deferred' : 'failed';
    return { ran: false, remedy: run.remedy.id, outcome, order_id: null, error };
  }
}

/** Judgement, permission and the spending of the order are one change of the state: no second run slips between. */
async function begin(run: RemedyRun): Promise<RemedyAnswer> {
  const { remedy, config, clock } = run;
  const folder = config.settings.root_state_dir;
  const mode = modeOf(remedy.id, config.settings.remedies);
  const offsetMs = needsClock(remedy, mode) ? (await run.readOffset()).offset_ms : null;
  const now = clock();
  type Begun = { permit: Permit; order: OrderJudgement | null; number: number };
  const { permit, order, number } = changeRootState<Begun>(folder, now, (state) => {
    const order = judgeOrder(run, { state, now });
    const permit = askPermit(run, { state, order, offsetMs, now });
    const accepted = order?.accepted ? order.order : null;
    const after = permit.granted
      ? beginRun(state, { remedy: remedy.id, order: accepted, now })
      : state;
    return [after, { permit, order, number: after.last_number }];
  });
  const orderId = order?.accepted ? order.order.order_id : (order?.orderId ?? null);
  if (!permit.granted) {
    const { outcome, error } = permit;
    return { ran: false, remedy: remedy.id, outcome, order_id: orderId, error };
  }
  const result: RemedyResult = {
    type: REMEDY_TYPE,
    number,
    remedy: remedy.id,
    state: 'started',
    order_id: orderId,
    timestamp_start: now.toISOString(),
    timestamp_end: null,
    outcome: null,
    action_taken: [],
    rollback_available: false,
    rollback_generation: null,
    target_generation: null,
    error: null,
  };
  const params = order?.accepted ? order.order.params : {};
  return carryOut(run, { result, params, work: (work) => remedy.run(work) });
}

/** Finishes a run that was cut off, under its own number: it never counts as another one. */
async function settle(run: RemedyRun, result: RemedyResult): Promise<RemedyAnswer> {
  const { remedy } = run;
  const unfinished = { rollback: result.rollback_generation, target: result.target_generation };
  return carryOut(run, {
    result,
    params: {},
    work: (work) =>
      remedy.settle?.(work, unfinished) ??
      Promise.resolve({
        outcome: 'failed',
        error: { code: 'interrupted', params: { where: remedy.id } },
      }),
  });
}

type Task = {
  readonly result: RemedyResult;
  readonly params: { readonly [name: string]: Json };
  readonly work: (work: Work<unknown>) => Promise<Done>;
};

async function carryOut(run: RemedyRun, { result, params, work }: Task): Promise<RemedyAnswer> {
  const { remedy, config, clock } = run;
  const folder = config.settings.root_state_dir;
  let current = result;
  const keep = (change: Partial<RemedyResult>) => {
    current = { ...current, ...change };
    writeResult(folder, current);
  };
  keep({});
  const { hands, actions } = run.makeHands({
    noteRollback: ({ generation, target }) =>
      keep({ rollback_generation: generation, target_generation: target }),
    acceptGeneration: (generation) =>
      acceptGeneration(folder, { generation, by: 'order', orderId: result.order_id, now: clock() }),
  });
  const done = await attempt(run, () =>
    work({
      now: clock(),
      hands,
      section: parseSection(remedy, config),
      params,
      accepted: readAcceptedGeneration(folder),
      healthTimeout: config.settings.rebuild_health_check_timeout,
    }),
  );
  keep({
    state: 'finished',
    timestamp_end: clock().toISOString(),
    outcome: done.outcome,
    error: done.error,
    rollback_available: done.rollbackAvailable ?? false,
    action_taken: [...result.action_taken, ...actions()].slice(0, 64),
  });
  return { ran: true, result: current };
}

async function attempt({ remedy }: RemedyRun, work: () => Promise<Done>): Promise<Done> {
  try {
    return await work();
  } catch (thrown) {
    return { outcome: 'failed', error: toFailure(thrown, `remedy.${remedy.id}`) };
  }
}

function parseSection(remedy: Remedy, { baseline }: Config): unknown {
  const parsed = remedy.section.safeParse(baseline.checks[remedy.check]);
  if (parsed.success) return parsed.data;
  throw new FailureError('absent', { where: `checks.${remedy.check}` });
}
