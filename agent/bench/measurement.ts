/**
 * One measurement: our figure beside the machine’s own floor, taken in the same run and in turns, since the machines
 * are shared and noisy. What counts is the ratio; `goal` says what it should be.
 */
export type Measurement = {
  readonly name: string;
  readonly unit: string;
  /** What the floor is: `node -e 0`, two fsync’d files and a rename. */
  readonly floor: string;
  /** The goal in words, and whether medians meet it. */
  readonly goal: string;
  readonly meets: (medians: { ours: number; floor: number }) => boolean;
  measure(): Promise<Samples>;
};

export type Samples = {
  readonly ours: readonly number[];
  readonly floor: readonly number[];
  readonly note?: string;
};

/** Takes `rounds` samples of each in turns: A B B A A B …, so that neither has the quieter half. */
export async function interleave(
  rounds: number,
  { ours, floor }: { ours: () => Promise<number>; floor: () => Promise<number> },
): Promise<Samples> {
  const samples = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const);
    for (const side of order) samples[side].push(await (side === 'ours' ? ours() : floor()));
  }
  return samples;
}
