/** The middle of some figures; of an even count the mean of the two middle ones. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Half the distance between the first and the third quartile: how far a figure usually is from the median. */
export function spread(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = (sorted.length - 1) * share;
    const [below = Number.NaN, above = below] = sorted.slice(Math.floor(place));
    return below + (above - below) * (place - Math.floor(place));
  };
  return (at(0.75) - at(0.25)) / 2;
}
