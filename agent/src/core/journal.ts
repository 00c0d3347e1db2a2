import * as z from 'zod';
import { Envelope } from '../wire/envelope.ts';
import { CheckId, Timestamp, Uuid } from '../wire/primitives.ts';
import { type RemedyResult, RemedySocket } from '../wire/remedy.ts';
import { CheckState } from '../wire/verdict.ts';
import type { Attempt } from './plan.ts';

/** What the agent wrote down before it connected to a remedy’s socket. */
export const Intent = z.strictObject({
  id: Uuid,
  remedy: RemedySocket,
  check: CheckId,
  /** The order that is handed over, as the server names it. */
  order_id: Uuid.nullable(),
  /** The highest number of the root side when the intent was written. */
  noted: z.number().int().min(0),
  at: Timestamp,
  pre_state: CheckState,
});
export type Intent = z.infer<typeof Intent>;

/** One request for a signed order, and the order once it was approved. */
export const OrderTask = z.strictObject({
  request_id: Uuid,
  check: CheckId,
  runbook_id: RemedySocket,
  reason: z.string().max(256),
  /** What had drifted when it was asked for; other drift asks anew. */
  fingerprint: z.string().max(64),
  order_id: Uuid.nullable(),
  state: z
    .enum(['new', 'requested', 'approved', 'rejected', 'used', 'expired'])
    .describe(
      'used: handed over, and never again; expired: at the server, until its evidence is written',
    ),
  envelope: Envelope.nullable(),
  at: Timestamp,
});
export type OrderTask = z.infer<typeof OrderTask>;

/** Whether nothing more comes of an order; another may be asked for. */
export function isPast({ state }: Pick<OrderTask, 'state'>): boolean {
  return state === 'used' || state === 'expired';
}

/** What the agent must not forget about its remedies; the results themselves are root’s. */
export const Journal = z.strictObject({
  version: z.literal(1),
  intents: z.array(Intent).max(64),
  orders: z.array(OrderTask).max(64),
  /** Numbers of results and events whose evidence is written. */
  recorded: z.array(z.number().int()).max(1024),
  /** When drift came back after the success of that number. */
  relapses: z.record(CheckId, z.array(z.strictObject({ number: z.number().int(), at: Timestamp }))),
  compliant_since: z.record(CheckId, Timestamp),
  /** Runs up to that number were before the check was last steady: they no longer count. */
  steady_after: z.record(CheckId, z.number().int()),
});
export type Journal = z.infer<typeof Journal>;

export const EMPTY_JOURNAL: Journal = {
  version: 1,
  intents: [],
  orders: [],
  recorded: [],
  relapses: {},
  compliant_since: {},
  steady_after: {},
};

const HOUR = 3_600_000;

/**
 * What to do about an intent. `record`: the remedy ended, so its evidence is due. `wait`: it runs. `settle`: it was
 * cut off; connecting once more makes the root side take it back and say so. `drop`: it never began.
 */
export type Resolution =
  | { readonly act: 'record'; readonly result: RemedyResult }
  | { readonly act: 'wait' }
  | { readonly act: 'settle'; readonly number: number }
  | { readonly act: 'drop' };

/**
 * Resolves one intent from what root wrote, never from what the agent remembers. The remedy’s own numbers alone count:
 * the first one above the noted is this intent’s, since one connection starts at most one run.
 */
export function resolveIntent({
  intent,
  results,
  running,
}: {
  intent: Pick<Intent, 'remedy' | 'noted'>;
  results: readonly RemedyResult[];
  /** Whether our connection to it is still open. */
  running: boolean;
}): Resolution {
  const result = resultOf(intent, results);
  if (result?.state === 'finished') return { act: 'record', result };
  if (running) return { act: 'wait' };
  return result === undefined ? { act: 'drop' } : { act: 'settle', number: result.number };
}

/**
 * Results that ended and that no intent of this journal claims: the journal was lost, or the remedy began after its
 * intent was dropped. Each still gets its evidence.
 */
export function unclaimedResults(
  { intents, recorded }: Pick<Journal, 'intents' | 'recorded'>,
  results: readonly RemedyResult[],
): RemedyResult[] {
  const claimed = new Set(intents.map((intent) => resultOf(intent, results)?.number));
  return byNumber(results).filter(
    ({ number, state }) =>
      state === 'finished' && !recorded.includes(number) && !claimed.has(number),
  );
}

/** Earlier runs of a remedy since its check was last steady, as root has them. */
export function attemptsOf(
  { steady_after }: Pick<Journal, 'steady_after'>,
  { check, remedy, results }: { check: string; remedy: string; results: readonly RemedyResult[] },
): Attempt[] {
  return byNumber(results).flatMap(({ remedy: id, number, outcome, timestamp_end }) => {
    const counts = id === remedy && number > (steady_after[check] ?? 0);
    if (!counts || outcome === null || timestamp_end === null) return [];
    return [{ finishedAt: new Date(timestamp_end), outcome }];
  });
}

type Sight = {
  readonly state: CheckState;
  readonly remedy: string;
  readonly results: readonly RemedyResult[];
  readonly now: Date;
};

/**
 * Takes up what a cycle saw of a check. Drift after a success is a relapse, counted once for each success; a check that
 * has been compliant for an hour is steady, and what was before no longer counts. What was not seen tells nothing.
 */
export function noteVerdict(journal: Journal, { state, remedy, results, now }: Sight): Journal {
  const { check, verdict } = state;
  if (verdict !== 'compliant' && verdict !== 'drifted') return journal;
  const own = byNumber(results).filter((one) => one.remedy === remedy);
  const known = forgetIfSteady(journal, { check, last: own.at(-1)?.number ?? 0, now });
  const { [check]: since, ...others } = known.compliant_since;
  if (verdict === 'compliant') {
    return {
      ...known,
      compliant_since: { ...others, [check]: since ?? now.toISOString() },
      // A used order stays known, so that it is not handed over again, an expired one until it is in evidence.
      orders: known.orders.filter((order) => order.check !== check || isPast(order)),
    };
  }
  const before = known.relapses[check] ?? [];
  const last = own.findLast(({ state: at }) => at === 'finished');
  const relapsed =
    last?.outcome === 'success' &&
    last.number > (known.steady_after[check] ?? 0) &&
    !before.some(({ number }) => number === last.number);
  const after = relapsed ? [...before, { number: last.number, at: now.toISOString() }] : before;
  return {
    ...known,
    compliant_since: others,
    relapses: { ...known.relapses, [check]: after.slice(-16) },
  };
}

function forgetIfSteady(
  journal: Journal,
  { check, last, now }: { check: string; last: number; now: Date },
): Journal {
  const since = journal.compliant_since[check];
  if (since === undefined || now.getTime() - Date.parse(since) < HOUR) return journal;
  const { [check]: _, ...relapses } = journal.relapses;
  return { ...journal, relapses, steady_after: { ...journal.steady_after, [check]: last } };
}

/** Notes that the evidence of some numbers is written. */
export function noteRecorded(journal: Journal, numbers: readonly number[]): Journal {
  const recorded = [...new Set([...journal.recorded, ...numbers])].sort((a, b) => a - b);
  return { ...journal, recorded: recorded.slice(-1024) };
}

function resultOf(
  { remedy, noted }: Pick<Intent, 'remedy' | 'noted'>,
  results: readonly RemedyResult[],
) {
  return byNumber(results).find((one) => one.remedy === remedy && one.number > noted);
}

function byNumber(results: readonly RemedyResult[]): RemedyResult[] {
  return [...results].sort((one, other) => one.number - other.number);
}
