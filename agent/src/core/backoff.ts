/** After this many tries an entry is `stalled`: counted and alerted, and still tried at the cap (DESIGN 6). */
export const STALLED_AFTER = 10;
const MINUTE = 60_000;
const CAP_MINUTES = 60;
/** A fleet that lost power together must not call together: a restart spreads its uploads over this long. */
export const RESTART_SPREAD_MS = MINUTE;

/**
 * Milliseconds until the next try after `tries` failed ones (≥ 1): 2^tries minutes, at most 60, and up to a tenth
 * more. `jitter` is a number in [0, 1). The delay is capped, never the count.
 */
export function backoffMs({ tries, jitter }: { tries: number; jitter: number }): number {
  const minutes = Math.min(2 ** Math.min(tries, 16), CAP_MINUTES);
  return Math.round(minutes * MINUTE * (1 + jitter / 10));
}

/** A time by two clocks: the wall’s, and milliseconds since boot, which no change of the wall clock moves. */
export type Moment = { readonly now: Date; readonly sinceBootMs: number };
