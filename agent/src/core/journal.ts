import type { RemedyResult } from '../wire/remedy.ts';

/** What the agent wrote down before it connected to a remedy’s socket. */
export type Intent = {
  readonly id: string;
  readonly remedy: string;
  readonly check: string;
  readonly orderId: string | null;
  /** The highest result number of the root side when the intent was written. */
  readonly noted: number;
};

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
  intent: Intent;
  results: readonly RemedyResult[];
  /** Whether an instance of this remedy may still be at work. */
  running: boolean;
}): Resolution {
  const result = first(results, intent.remedy, intent.noted);
  if (result?.state === 'finished') return { act: 'record', result };
  if (running) return { act: 'wait' };
  return result === undefined ? { act: 'drop' } : { act: 'settle', number: result.number };
}

/**
 * Results that no intent of this journal claims: the journal was lost, or the remedy began after its intent was dropped.
 * Each still gets its evidence. `recorded` is the number up to which all are.
 */
export function unclaimedResults({
  results,
  intents,
  recorded,
}: {
  results: readonly RemedyResult[];
  intents: readonly Intent[];
  recorded: number;
}): RemedyResult[] {
  const claimed = new Set(
    intents.map(({ remedy, noted }) => first(results, remedy, noted)?.number),
  );
  return byNumber(results).filter(
    ({ number, state }) => number > recorded && state === 'finished' && !claimed.has(number),
  );
}

function first(results: readonly RemedyResult[], remedy: string, above: number) {
  return byNumber(results).find((one) => one.remedy === remedy && one.number > above);
}

function byNumber(results: readonly RemedyResult[]): RemedyResult[] {
  return [...results].sort((one, other) => one.number - other.number);
}
