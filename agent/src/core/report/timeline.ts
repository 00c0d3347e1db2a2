import type { Verdict } from '../../wire/verdict.ts';
import type { Entry } from './entry.ts';
import { createSeries, type Series } from './series.ts';

/** `unattested`: nobody says how it was. It counts as no pass. */
export const STATES = ['compliant', 'drifted', 'unknown', 'unattested', 'notApplicable'] as const;
export type State = Verdict | 'unattested';

/** A stretch of time in one state; milliseconds since the epoch, `to` exclusive. */
export type Segment = { readonly from: number; readonly to: number; readonly state: State };

export type Period = { readonly from: number; readonly to: number };

/**
 * How one control was over a period, of entries in the order of their numbers. A verdict holds until the next one, if that
 * comes within two attestation intervals, after which a silent host is alerted (DESIGN 7); else it holds for one interval,
 * and what follows is unattested. While the agent is stopped nobody attests anything.
 */
export function createTimeline(
  check: string,
  { period, interval }: { period: Period; interval: number },
): { add(entry: Entry): void; end(stops: readonly Period[]): Segment[] } {
  const said = createSeries();
  return {
    add({ began, ended, statements, attempt }) {
      if (attempt?.check === check && attempt.before !== null)
        said.add(began, STATES.indexOf(attempt.before.verdict));
      for (const { check: of, verdict } of statements)
        if (of === check) said.add(ended, STATES.indexOf(verdict));
    },
    end: (stops) => join(fill(cut(held(said, interval), stops), period)),
  };
}

function* held(said: Series, interval: number): Generator<Segment> {
  let last: Omit<Segment, 'to'> | null = null;
  for (const [time, code] of said.inOrder()) {
    if (last !== null) {
      const to = time - last.from <= 2 * interval ? time : last.from + interval;
      yield { ...last, to };
    }
    last = { from: time, state: STATES[code] ?? 'unattested' };
  }
  if (last !== null) yield { ...last, to: last.from + interval };
}

/** From each clean stop to the next start, of entries in the order of their numbers. */
export function createStops(period: Period): { add(entry: Entry): void; end(): Period[] } {
  const stops: { from: number; to: number | null }[] = [];
  let open: typeof stops = [];
  return {
    add({ event, began, ended }) {
      for (const stop of open) if (ended >= stop.from) stop.to = began;
      open = open.filter(({ to }) => to === null);
      if (event !== 'stop') return;
      const stop = { from: ended, to: null };
      stops.push(stop);
      open.push(stop);
    },
    end: () => stops.map(({ from, to }) => ({ from, to: to ?? Math.max(from, period.to) })),
  };
}

/** Segments without what lies in `holes`, which are in order. */
function* cut(segments: Iterable<Segment>, holes: readonly Period[]): Generator<Segment> {
  for (const segment of segments)
    yield* holes
      .filter(({ from, to }) => from < segment.to && to > segment.from)
      .reduce<Segment[]>(
        (parts, hole) =>
          parts.flatMap((part) =>
            [
              { ...part, to: Math.min(part.to, hole.from) },
              { ...part, from: Math.max(part.from, hole.to) },
            ].filter(({ from, to }) => from < to),
          ),
        [segment],
      );
}

/** Covers a period without a hole: what no segment covers is unattested. */
function* fill(segments: Iterable<Segment>, { from, to }: Period): Generator<Segment> {
  let at = from;
  for (const segment of segments) {
    const begin = Math.max(segment.from, at);
    const end = Math.min(segment.to, to);
    if (begin >= end) continue;
    if (begin > at) yield { from: at, to: begin, state: 'unattested' };
    yield { ...segment, from: begin, to: end };
    at = end;
  }
  if (at < to) yield { from: at, to, state: 'unattested' };
}

function join(segments: Iterable<Segment>): Segment[] {
  const joined: Segment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    if (last?.state === segment.state && last.to === segment.from)
      joined[joined.length - 1] = { ...last, to: segment.to };
    else joined.push(segment);
  }
  return joined;
}

/** Seconds of each state. */
export function secondsOf(segments: readonly Segment[]): Record<State, number> {
  const seconds = { compliant: 0, drifted: 0, unknown: 0, unattested: 0, notApplicable: 0 };
  for (const { state, from, to } of segments) seconds[state] += (to - from) / 1000;
  return seconds;
}
