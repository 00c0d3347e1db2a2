import type { Verdict } from '../../wire/verdict.ts';
import type { Entry } from './entry.ts';

/** `unattested`: nobody says how it was. It counts as no pass. */
export const STATES = ['compliant', 'drifted', 'unknown', 'unattested', 'notApplicable'] as const;
export type State = Verdict | 'unattested';

/** A stretch of time in one state; milliseconds since the epoch, `to` exclusive. */
export type Segment = { readonly from: number; readonly to: number; readonly state: State };

export type Period = { readonly from: number; readonly to: number };

/**
 * How one control was over a period. A verdict holds until the next one, if that comes within two attestation intervals,
 * after which a silent host is alerted (DESIGN 7); else it holds for one interval, and what follows is unattested. While
 * the agent is stopped nobody attests anything.
 */
export function timelineOf(
  check: string,
  { entries, period, interval }: { entries: readonly Entry[]; period: Period; interval: number },
): Segment[] {
  const said = entries
    .flatMap(({ began, ended, statements, attempt }) => {
      const own = statements.filter((one) => one.check === check);
      const before = attempt?.check === check && attempt.before !== null ? [attempt.before] : [];
      return [
        ...before.map(({ verdict }) => ({ ended: began, verdict })),
        ...own.map(({ verdict }) => ({ ended, verdict })),
      ];
    })
    .sort((one, other) => one.ended - other.ended);
  const held = said.map(({ ended, verdict }, at): Segment => {
    const next = said[at + 1]?.ended ?? Number.POSITIVE_INFINITY;
    const to = next - ended <= 2 * interval ? next : ended + interval;
    return { from: ended, to, state: verdict };
  });
  const down = stopsOf(entries, period).map((stop) => ({ ...stop, state: 'unattested' as const }));
  return join(fill(cut(held, down), period));
}

/** From each clean stop to the next start. */
export function stopsOf(entries: readonly Entry[], period: Period): Period[] {
  const stops: Period[] = [];
  for (const [at, { event, ended }] of entries.entries()) {
    if (event !== 'stop') continue;
    const next = entries.slice(at + 1).find(({ ended: later }) => later >= ended);
    stops.push({ from: ended, to: next?.began ?? Math.max(ended, period.to) });
  }
  return stops;
}

/** Segments without what lies in `holes`, which are in order. */
function cut(segments: readonly Segment[], holes: readonly Period[]): Segment[] {
  return segments.flatMap((segment) =>
    holes.reduce<Segment[]>(
      (parts, hole) =>
        parts.flatMap((part) =>
          [
            { ...part, to: Math.min(part.to, hole.from) },
            { ...part, from: Math.max(part.from, hole.to) },
          ].filter(({ from, to }) => from < to),
        ),
      [segment],
    ),
  );
}

/** Covers a period without a hole: what no segment covers is unattested. */
function fill(segments: readonly Segment[], { from, to }: Period): Segment[] {
  const covered: Segment[] = [];
  let at = from;
  for (const segment of segments) {
    const begin = Math.max(segment.from, at);
    const end = Math.min(segment.to, to);
    if (begin >= end) continue;
    if (begin > at) covered.push({ from: at, to: begin, state: 'unattested' });
    covered.push({ ...segment, from: begin, to: end });
    at = end;
  }
  if (at < to) covered.push({ from: at, to, state: 'unattested' });
  return covered;
}

function join(segments: readonly Segment[]): Segment[] {
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
