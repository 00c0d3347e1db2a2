/** A cycle comes up to this much sooner or later, so that a fleet which started together does not stay together. */
const JITTER = 0.1;

/** However long a cycle took, the host has so much of the poll interval to itself. */
const REST = 0.1;

/**
 * Milliseconds until the next cycle, so that one begins every poll interval ±10 %, whatever the last one `took`: drift is
 * found within an interval. `random` is from 0 (inclusive) to 1 (exclusive).
 */
export function nextCycleDelay({
  pollInterval,
  took,
  random,
}: {
  pollInterval: number;
  took: number;
  random: number;
}): number {
  const interval = pollInterval * 1000;
  const delay = interval * (1 - JITTER + 2 * JITTER * random) - took;
  return Math.round(Math.max(delay, REST * interval));
}

/**
 * Whether this cycle must attest: the next one could come too late. A last attestation in the future is of a clock that
 * was put back, and proves nothing.
 */
export function attestationDue({
  last,
  now,
  pollInterval,
  attestationInterval,
}: {
  last: Date | null;
  now: Date;
  pollInterval: number;
  attestationInterval: number;
}): boolean {
  if (last === null || last > now) return true;
  const nextAtTheLatest = now.getTime() + pollInterval * 1000 * (1 + JITTER);
  return nextAtTheLatest > last.getTime() + attestationInterval * 1000;
}

/** Milliseconds before the uploader tries again after so many failures in a row: 1 s doubled up to 5 min, ±25 %. */
export function uploadDelay({ failures, random }: { failures: number; random: number }): number {
  const base = Math.min(1000 * 2 ** Math.min(failures, 20), 300_000);
  return Math.round(base * (0.75 + 0.5 * random));
}
