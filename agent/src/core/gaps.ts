import type { PrunedRange } from '../wire/lineage.ts';

/** A run of numbers that are not there, between what precedes it and what its last bundle’s digest must be. */
export type Gap = {
  readonly chain_id: string;
  readonly first: number;
  readonly last: number;
  /** Digests of what is there before it: one, or more after a fork. */
  readonly preceding: readonly string[];
  readonly lastDigest: string;
};

/** Whether pruned ranges account for every number of a gap, and fit what lies before, between and after. */
export function isPruned(gap: Gap, ranges: readonly PrunedRange[]): boolean {
  const own = ranges.filter(({ chain_id }) => chain_id === gap.chain_id);
  let preceding = gap.preceding;
  for (let at = gap.first; at <= gap.last; ) {
    const range = own
      .filter(({ first_sequence, last_sequence }) => first_sequence <= at && at <= last_sequence)
      .filter(
        ({ first_sequence, preceding_digest }) =>
          first_sequence < at || preceding.includes(preceding_digest),
      )
      .filter(
        ({ last_sequence, last_digest }) =>
          last_sequence !== gap.last || last_digest === gap.lastDigest,
      )
      .reduce<PrunedRange | null>(
        (far, next) => (far === null || next.last_sequence > far.last_sequence ? next : far),
        null,
      );
    if (range === null) return false;
    at = range.last_sequence + 1;
    preceding = [range.last_digest];
  }
  return true;
}

/** Ranges in the order of their numbers, with those joined that touch. */
export function joinRanges(ranges: readonly PrunedRange[]): PrunedRange[] {
  const sorted = [...ranges].sort(
    (a, b) => a.chain_id.localeCompare(b.chain_id) || a.first_sequence - b.first_sequence,
  );
  const joined: PrunedRange[] = [];
  for (const range of sorted) {
    const before = joined.at(-1);
    const touches =
      before?.chain_id === range.chain_id && before.last_sequence + 1 === range.first_sequence;
    if (!before || !touches) joined.push(range);
    else {
      const { last_sequence, last_digest } = range;
      const count = before.count + range.count;
      joined[joined.length - 1] = { ...before, last_sequence, last_digest, count };
    }
  }
  return joined;
}
