/** A cycle comes up to this much sooner or later, so that a fleet which started together does not stay together. */
const JITTER = 0.1;

/** Milliseconds until the next cycle: the poll interval ±10 %. `random` is from 0 (inclusive) to 1 (exclusive). */
export function nextCycleDelay({
  pollInterval,
  random,
}: {
  pollInterval: number;
  random: number;
}): number {
  return Math.round(pollInterval * 1000 * (1 - JITTER + 2 * JITTER * random));
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
