/** Times with a small code each, kept in nine bytes: a period may hold hundreds of thousands. */
export type Series = {
  /** Milliseconds since the epoch, and a code below 256. */
  add(time: number, code?: number): void;
  /** By rising time; equal times in the order in which they were added. */
  inOrder(): Iterable<readonly [time: number, code: number]>;
};

export function createSeries(): Series {
  let times = new Float64Array(64);
  let codes = new Uint8Array(64);
  let length = 0;
  let rising = true;
  const timeAt = (index: number) => times[index] ?? Number.NaN;
  return {
    add(time, code = 0) {
      if (length === times.length) {
        times = doubled(times, new Float64Array(2 * length));
        codes = doubled(codes, new Uint8Array(2 * length));
      }
      rising &&= length === 0 || timeAt(length - 1) <= time;
      times[length] = time;
      codes[length] = code;
      length += 1;
    },
    *inOrder() {
      const order = rising ? null : byTime();
      for (let step = 0; step < length; step += 1) {
        const index = order === null ? step : (order[step] ?? 0);
        yield [timeAt(index), codes[index] ?? 0];
      }
    },
  };

  function byTime(): Uint32Array {
    const order = Uint32Array.from({ length }, (_, index) => index);
    return order.sort((a, b) => timeAt(a) - timeAt(b) || a - b);
  }
}

function doubled<T extends { set(from: T): void }>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
