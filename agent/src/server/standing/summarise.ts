import { setImmediate as turn } from 'node:timers/promises';
import type { ViewStore } from '../store/views.ts';

/** Bundles that are folded in one commit: few, as SQLite lets nothing else happen meanwhile. */
const STEP = 250;

/** Brings standings and days up to the end of the log, and lets requests in between steps. */
export async function summariseLog(store: Pick<ViewStore, 'summarise'>): Promise<number> {
  for (let total = 0; ; await turn()) {
    const folded = await store.summarise({ limit: STEP });
    total += folded;
    if (folded < STEP) return total;
  }
}
