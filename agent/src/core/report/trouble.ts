import type { Entry } from './entry.ts';
import { createSeries } from './series.ts';
import type { Period } from './timeline.ts';

/** A time without a word from the host. */
export type Silence = {
  readonly from: string;
  readonly to: string;
  readonly reason: 'stopped' | 'silent';
};

/** Bundles in a row whose times cannot be relied on, and why. */
export type ClockTrouble = {
  readonly kind: 'unknown_offset' | 'off' | 'backwards' | 'before_receipt';
  readonly from: string;
  readonly to: string;
  readonly bundles: number;
  /** The largest offset in milliseconds, where there is one. */
  readonly offset_ms: number | null;
};

const iso = (ms: number) => new Date(ms).toISOString();

/** Cycles that are missing: stops, and times longer than two attestation intervals without a bundle. */
export function createSilences({ period, interval }: { period: Period; interval: number }): {
  add(entry: Entry): void;
  end(stops: readonly Period[]): Silence[];
} {
  const times = createSeries();
  return {
    add: ({ ended }) => times.add(ended),
    end(stops) {
      const stopped = new Set(stops.map(({ from }) => from));
      const silent: Period[] = [];
      let from = period.from;
      const next = (to: number) => {
        if (to - from > 2 * interval && !stopped.has(from)) silent.push({ from, to });
        from = to;
      };
      let last = period.to;
      for (const [time] of times.inOrder()) {
        next(time);
        last = time;
      }
      next(Math.max(period.to, last));
      return [
        ...stops.map((stop) => ({ ...inside(stop, period), reason: 'stopped' as const })),
        ...silent.map((gap) => ({ ...inside(gap, period), reason: 'silent' as const })),
      ]
        .filter((one) => one.from < one.to)
        .sort((one, other) => one.from - other.from)
        .map(({ from: since, to, reason }) => ({ from: iso(since), to: iso(to), reason }));
    },
  };
}

const inside = ({ from, to }: Period, period: Period): Period => ({
  from: Math.max(from, period.from),
  to: Math.min(to, period.to),
});

/** Where the host’s clock was off, unknown, went back, or contradicts a server’s receipt; of entries in the order of numbers. */
export function createClockTrouble({ period, maxSkewMs }: { period: Period; maxSkewMs: number }): {
  add(entry: Entry): void;
  end(): ClockTrouble[];
} {
  const found: ClockTrouble[] = [];
  let before: Entry | null = null;
  return {
    add(entry) {
      const inPeriod = entry.ended >= period.from && entry.ended < period.to;
      for (const kind of inPeriod ? kindsOf(entry, { before, maxSkewMs }) : []) {
        const last = found.findLast((one) => one.kind === kind);
        const joins = last !== undefined && before !== null && last.to === iso(before.ended);
        const offset = Math.max(Math.abs(last?.offset_ms ?? 0), Math.abs(entry.offset_ms ?? 0));
        const next = {
          kind,
          from: joins ? last.from : iso(entry.ended),
          to: iso(entry.ended),
          bundles: (joins ? last.bundles : 0) + 1,
          offset_ms: kind === 'off' ? (joins ? offset : entry.offset_ms) : null,
        };
        if (joins) found[found.indexOf(last)] = next;
        else found.push(next);
      }
      before = entry;
    },
    end: () => found,
  };
}

function kindsOf(
  { chain_id, ended, offset_ms, received_at }: Entry,
  { before, maxSkewMs }: { before: Entry | null; maxSkewMs: number },
): ClockTrouble['kind'][] {
  const early = received_at !== null && Date.parse(received_at) + maxSkewMs < ended;
  return [
    ...(offset_ms === null ? (['unknown_offset'] as const) : []),
    ...(offset_ms !== null && Math.abs(offset_ms) > maxSkewMs ? (['off'] as const) : []),
    ...(before?.chain_id === chain_id && ended < before.ended ? (['backwards'] as const) : []),
    ...(early ? (['before_receipt'] as const) : []),
  ];
}
