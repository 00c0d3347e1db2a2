/**
 * One measurement: our figure beside the machine’s own floor, taken in the same run and in turns, since the machines
 * are shared and noisy. What counts is the ratio; `goal` says what it should be.
 */
export type Measurement = {
  readonly name: string;
  readonly unit: string;
  /** Which of two figures is the better one; figures are rounded against ours. */
  readonly better: 'lower' | 'higher';
  /** What the floor is: `node -e 0`, two fsync’d files and a rename. */
  readonly floor: string;
  /** The goal in words, and whether medians meet it; null where there is no honest one, and the figure only stands there. */
  readonly goal: string | null;
  readonly meets: ((medians: Medians) => boolean) | null;
  /** The issue that set the goal for us; left out where we set it ourselves. */
  readonly issue?: number;
  /** What still stands between our figure and the floor, or the goal; a phrase. */
  readonly remains: string;
  /** How the comparison could be unfair, to us or to others; a phrase. */
  readonly unfair: string;
  measure(): Promise<Samples>;
};

export type Medians = {
  readonly ours: number;
  readonly floor: number;
  readonly peers: Readonly<Record<string, number>>;
};

export type Samples = {
  readonly ours: readonly number[];
  readonly floor: readonly number[];
  /** What a user would otherwise install, by name; those that this machine has. */
  readonly peers?: Readonly<Record<string, readonly number[]>>;
  /** What else the goal asks for, by name: the goal is met where all of it holds too. */
  readonly conditions?: Readonly<Record<string, boolean>>;
  readonly note?: string;
};

export type Sides = Readonly<Record<string, () => Promise<number>>>;

/** Takes `rounds` samples of each side in turns: A B B A A B …, so that none has the quieter half. */
export async function inTurns<S extends Sides>(
  rounds: number,
  sides: S,
): Promise<{ [side in keyof S]: number[] }> {
  const names = Object.keys(sides);
  const samples: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? names : [...names].reverse();
    for (const name of order) samples[name]?.push((await sides[name]?.()) ?? Number.NaN);
  }
  return samples as { [side in keyof S]: number[] };
}

export function interleave(
  rounds: number,
  { ours, floor }: { ours: () => Promise<number>; floor: () => Promise<number> },
): Promise<Samples> {
  return inTurns(rounds, { ours, floor });
}
