/** How one sequence becomes another with the fewest steps. Indices count from 0; `from` in `before`, `to` in `after`. */
export type Gap = { readonly from: number[]; readonly to: number[] };

/** Beyond it the middle of two sequences is taken as wholly different, which is true as well, only less precise. */
const MAX_CELLS = 4_000_000;

/**
 * The places where two sequences of texts differ, in order: indices that only `before` has and those that only `after`
 * has, between two common parts. By a longest common subsequence (dynamic programming) after common ends are cut off.
 */
export function differingGaps(before: readonly string[], after: readonly string[]): Gap[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let tail = 0;
  while (
    tail < before.length - start &&
    tail < after.length - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  return align(before.slice(start, before.length - tail), after.slice(start, after.length - tail))
    .map(({ from, to }) => ({
      from: from.map((index) => index + start),
      to: to.map((index) => index + start),
    }))
    .filter(({ from, to }) => from.length + to.length > 0);
}

function align(before: readonly string[], after: readonly string[]): Gap[] {
  if (before.length * after.length > MAX_CELLS) {
    return [{ from: [...before.keys()], to: [...after.keys()] }];
  }
  const common = commonLengths(before, after);
  const width = after.length + 1;
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  const gaps: Gap[] = [{ from: [], to: [] }];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const gap = gaps[gaps.length - 1] as Gap;
    if (i < before.length && j < after.length && before[i] === after[j]) {
      gaps.push({ from: [], to: [] });
      i++;
      j++;
    } else if (j >= after.length || (i < before.length && at(i + 1, j) >= at(i, j + 1))) {
      gap.from.push(i++);
    } else {
      gap.to.push(j++);
    }
  }
  return gaps;
}

/** Row-major lengths of the longest common subsequence of `before[i…]` and `after[j…]`. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        before[i] === after[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  return lengths;
}
