import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Moment } from '../core/backoff.ts';

/** Id of the running boot, a UUID (random(4)). */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** The present: wall clock, and milliseconds since boot, which no change of the clock moves. */
export function readMoment(): Moment {
  return { now: new Date(), sinceBootMs: Math.round(uptime() * 1000) };
}

/** Milliseconds of a clock that only goes forward. Not `performance.now`, for which Node loads ten modules of its own. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
