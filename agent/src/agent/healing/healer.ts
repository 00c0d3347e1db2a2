import { setTimeout as pause } from 'node:timers/promises';
import type { Check } from '../../core/check.ts';
import {
  type Intent,
  noteRecorded,
  noteVerdict,
  resolveIntent,
  unclaimedResults,
} from '../../core/journal.ts';
import { explainPlan, type Plan } from '../../core/plan.ts';
import type { JournalFile } from '../../effects/journal.ts';
import type { Log } from '../../effects/log.ts';
import type { Deferral } from '../../wire/deferral.ts';
import { describeFailure, type Failure, toFailure } from '../../wire/failure.ts';
import type { RemedyAnswer, RemedyResult, RemedySocket } from '../../wire/remedy.ts';
import type { RootState } from '../../wire/root-state.ts';
import type { Settings } from '../../wire/settings.ts';
import type { CheckState } from '../../wire/verdict.ts';
import type { Healer, HealingInput } from '../healing.ts';
import { eventDraft, expiryDraft, refusalDraft, remedyDraft } from './draft.ts';
import { addRequest, markUsed, orderFor } from './orders.ts';
import { planCheck } from './plan.ts';
import { newTurn, type Turn } from './turn.ts';

export type HealerParts = {
  readonly journal: JournalFile;
  readonly settings: () => Settings;
  readonly checks: readonly Check[];
  readonly readResults: () => RemedyResult[];
  readonly readRootState: () => RootState | null;
  readonly ask: (remedy: RemedySocket, order: string | null) => Promise<RemedyAnswer | null>;
  /** Milliseconds that a cycle waits for remedies before it leaves them to a later one. */
  readonly patienceMs: number;
  /** A remedy ended that no cycle waits for. */
  readonly wake: () => void;
  readonly newId: () => string;
  /** When this host was last seen at work before this start; for a window that was missed. */
  readonly lastSeen: Date | null;
  readonly log?: Pick<Log, 'info' | 'warn'> | undefined;
};

const nothingHanded = () => ({
  numbers: new Set<number>(),
  intents: new Set<string>(),
  /** Requests for an order, by id. */
  expired: new Set<string>(),
});

/** How a connection ended: an answer, none (busy, or cut off), or why there was no connection. */
type Ending = RemedyAnswer | null | { readonly failure: Failure };

/**
 * Plans and heals (DESIGN 3, 5). What it must not forget is in the journal and in root’s results; what is here besides
 * is only which connections are open.
 */
export function createHealer(parts: HealerParts): Healer {
  const { journal, checks, readResults, log } = parts;
  const open = new Map<string, Promise<void>>();
  const endings = new Map<string, Ending>();
  /** Handed to the recorder by the last cycle; closed in the journal once evidence can be written again. */
  let handed = nothingHanded();
  let waiting = false;

  const connect = (intent: Intent, order: string | null) => {
    const ended = parts
      .ask(intent.remedy, order)
      .catch((error: unknown) => ({ failure: toFailure(error, 'healer') }))
      .then((ending) => {
        endings.set(intent.id, ending);
        open.delete(intent.id);
        if (!waiting) parts.wake();
      });
    open.set(intent.id, ended);
  };

  const start = (state: CheckState, remedy: RemedySocket, withOrder: boolean, now: Date) => {
    const order = withOrder ? orderFor(journal.current(), state.check) : null;
    const intent: Intent = {
      id: parts.newId(),
      remedy,
      check: state.check,
      order_id: order?.order_id ?? null,
      noted: Math.max(0, ...readResults().map(({ number }) => number)),
      at: now.toISOString(),
      pre_state: state,
    };
    const written = journal.change((before) => ({
      ...before,
      intents: [...before.intents, intent],
    }));
    if (written) connect(intent, order === null ? null : JSON.stringify(order.envelope));
    return written;
  };

  /** Takes in what has ended: each run gets its evidence, and its check is looked at again. */
  const takeIn = async (input: HealingInput, turn: Turn) => {
    const results = readResults();
    const { intents } = journal.current();
    for (const intent of intents.filter(({ id }) => !handed.intents.has(id))) {
      const ending = endings.get(intent.id);
      if (ending && 'ran' in ending && !ending.ran) {
        refused(intent, ending, input, turn);
        continue;
      }
      const resolution = resolveIntent({ intent, results, running: open.has(intent.id) });
      if (resolution.act === 'record') await ran(resolution.result, intent, input, turn);
      if (resolution.act === 'settle') connect(intent, null);
      if (resolution.act === 'drop') dropped(intent, ending, turn);
    }
    for (const result of unclaimedResults(journal.current(), results))
      if (!handed.numbers.has(result.number)) await ran(result, null, input, turn);
    for (const task of journal.current().orders) {
      if (task.state !== 'expired' || handed.expired.has(task.request_id)) continue;
      handed.expired.add(task.request_id);
      const check = checks.find(({ id }) => id === task.check);
      turn.drafts.push(expiryDraft({ task, check, now: input.now }));
    }
    for (const event of parts.readRootState()?.events ?? []) {
      if (handed.numbers.has(event.number) || journal.current().recorded.includes(event.number))
        continue;
      handed.numbers.add(event.number);
      turn.drafts.push(eventDraft(event));
    }
  };

  const ran = async (
    result: RemedyResult,
    intent: Intent | null,
    input: HealingInput,
    turn: Turn,
  ) => {
    if (intent !== null) handed.intents.add(intent.id);
    if (result.order_id !== null) journal.change((before) => markUsed(before, result.order_id));
    if (handed.numbers.has(result.number) || journal.current().recorded.includes(result.number))
      return;
    handed.numbers.add(result.number);
    const check = checks.find(({ remedy }) => remedy === result.remedy);
    if (check === undefined) return;
    const post = await input.lookAgain(check.id);
    turn.states.set(check.id, post);
    const draft = remedyDraft({ result, intent, post, check });
    turn.drafts.push(draft);
    log?.info({ remedy: result.remedy, outcome: draft.outcome }, 'remedy ended');
  };

  const refused = (
    intent: Intent,
    answer: Extract<RemedyAnswer, { ran: false }>,
    { now }: HealingInput,
    turn: Turn,
  ) => {
    handed.intents.add(intent.id);
    log?.warn({ remedy: intent.remedy, failure: answer.error }, 'remedy refused by root');
    if (answer.outcome === 'deferred')
      return void turn.defer(intent.check, { ...intent, error: answer.error });
    if (intent.order_id !== null) journal.change((before) => markUsed(before, intent.order_id));
    const check = checks.find(({ id }) => id === intent.check);
    turn.drafts.push(refusalDraft({ answer, intent, check, now }));
  };

  const dropped = (intent: Intent, ending: Ending | undefined, turn: Turn) => {
    handed.intents.add(intent.id);
    if (ending && 'failure' in ending)
      log?.warn({ remedy: intent.remedy }, `no remedy: ${describeFailure(ending.failure)}`);
    else turn.defer(intent.check, { ...intent, error: putOff('busy') }); // a later cycle tries again
  };

  /** What the last cycle handed over has been written by now. */
  const closeHanded = () => {
    const { numbers, intents, expired } = handed;
    if (numbers.size + intents.size + expired.size === 0) return;
    const closed = journal.change((before) => ({
      ...noteRecorded(before, [...numbers]),
      intents: before.intents.filter(({ id }) => !intents.has(id)),
      orders: before.orders.filter(({ request_id }) => !expired.has(request_id)),
    }));
    if (!closed) return;
    for (const id of intents) endings.delete(id);
    handed = nothingHanded();
  };

  return async (input) => {
    if (input.mayStart) closeHanded();
    const turn = newTurn(input);
    await takeIn(input, turn);
    noteVerdicts(parts, [...turn.states.values()], input.now);
    let attempted = 0;
    for (const state of turn.states.values()) {
      const running = journal
        .current()
        .intents.some(({ id, check }) => check === state.check && !handed.intents.has(id));
      const { plan, remedy } = planCheck(parts, { state, input, running });
      logPlan(log, state, plan);
      if (plan.step === 'remedy' && remedy !== null) {
        if (start(state, remedy, plan.withOrder, input.now)) attempted += 1;
      } else if (plan.step === 'request_order' && remedy !== null) {
        journal.change((before) =>
          addRequest(before, { state, remedy, id: parts.newId(), at: input.now }),
        );
      }
      if (plan.step === 'defer' || plan.step === 'request_order')
        turn.defer(state.check, {
          remedy: remedy ?? '',
          order_id: null,
          error: putOff(plan.reason),
        });
    }
    if (open.size > 0) {
      waiting = true;
      const quiet = new AbortController();
      const patience = pause(parts.patienceMs, undefined, { signal: quiet.signal });
      await Promise.race([Promise.all(open.values()), patience.catch(() => {})]);
      quiet.abort();
      waiting = false;
      await takeIn(input, turn);
      for (const { id, check, ...intent } of journal.current().intents)
        if (open.has(id)) turn.defer(check, { ...intent, error: putOff('running') });
    }
    return turn.healed(attempted);
  };
}

const putOff = (reason: Deferral): Failure => ({ code: 'busy', params: { reason } });

function noteVerdicts(
  { journal, checks, readResults }: HealerParts,
  states: CheckState[],
  now: Date,
) {
  const results = readResults();
  journal.change((before) => {
    const after = states.reduce((sum, state) => {
      const remedy = checks.find(({ id }) => id === state.check)?.remedy;
      return remedy === undefined ? sum : noteVerdict(sum, { state, remedy, results, now });
    }, before);
    return JSON.stringify(after) === JSON.stringify(before) ? before : after;
  });
}

function logPlan(log: HealerParts['log'], { check, verdict }: CheckState, plan: Plan): void {
  if (verdict === 'drifted') log?.info({ check, plan: plan.step }, explainPlan(plan));
}
