import type { Measurement, Samples } from './measurement.ts';
import { median, spread } from './statistics.ts';

/** A figure of several samples: their median, and half the distance between their quartiles. */
export type Figure = { readonly median: number; readonly spread: number };

/** One line of the scoreboard. */
export type Row = Pick<
  Measurement,
  'name' | 'unit' | 'better' | 'goal' | 'issue' | 'remains' | 'unfair'
> & {
  readonly ours: Figure;
  readonly floor: Figure;
  readonly floor_is: string;
  /** Ours over the floor’s. */
  readonly ratio: number;
  readonly peers: Readonly<Record<string, Figure>>;
  /** Null where there is no goal. */
  readonly met: boolean | null;
  readonly samples: number;
  readonly note: string;
};

/** What a measurement that could not be taken leaves on the scoreboard. */
export type Failed = { readonly name: string; readonly reason: string };

/** Judges samples by what their measurement asks of them. A peer that is not there is NaN, which meets nothing. */
export function rowOf(
  { meets, floor, measure: _, ...measurement }: Measurement,
  { peers = {}, conditions = {}, note = '', ...samples }: Samples,
): Row {
  const figures = { ours: figureOf(samples.ours), floor: figureOf(samples.floor) };
  const told = Object.entries(peers).map(([name, of]) => [name, figureOf(of)] as const);
  const medians = {
    ours: figures.ours.median,
    floor: figures.floor.median,
    peers: Object.fromEntries(told.map(([name, { median }]) => [name, median])),
  };
  const broken = Object.entries(conditions).flatMap(([name, holds]) => (holds ? [] : [name]));
  return {
    ...measurement,
    ...figures,
    floor_is: floor,
    ratio: medians.ours / medians.floor,
    peers: Object.fromEntries(told),
    met: meets === null ? null : meets(medians) && broken.length === 0,
    samples: samples.ours.length,
    note: [...(note === '' ? [] : [note]), ...broken.map((name) => `NOT held: ${name}`)].join('. '),
  };
}

function figureOf(samples: readonly number[]): Figure {
  return { median: median(samples), spread: spread(samples) };
}
