import { setTimeout as sleepFor } from 'node:timers/promises';
import { FailureError } from '../../wire/failure.ts';
import { mayPass } from './failures.ts';

export type Patience = {
  /** Milliseconds before the second, third, … attempt. */
  readonly delaysMs: readonly number[];
  /** 0 ≤ x < 1; up to a quarter of each delay is added, so that many hosts do not come back together. */
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

export const PATIENCE: Patience = {
  delaysMs: [1000, 2000, 4000],
  random: Math.random,
  sleep: async (ms, signal) => {
    await sleepFor(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/** Repeats what may be repeated while the failure is one that may pass; then throws the last one. */
export async function retry<T>(
  attempt: () => Promise<T>,
  { delaysMs, random, sleep }: Patience,
  signal?: AbortSignal,
): Promise<T> {
  for (const delay of delaysMs) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error)) throw error;
    }
    await sleep(delay * (1 + random() / 4), signal).catch((cause) => {
      throw new FailureError('interrupted', {}, { cause });
    });
  }
  return attempt();
}
