import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openReader } from '../src/effects/store/reader.ts';
import { Bundle } from '../src/wire/evidence.ts';
import { CheckState } from '../src/wire/verdict.ts';

/** A bundle as the agent stored it, and whether the server’s receipt lies beside it. */
export type Stored = {
  readonly bundle: Bundle;
  readonly position: number;
  readonly folder: string;
  readonly receipted: boolean;
};

/** Bundles written after `position`, oldest first. */
export function storedSince(stateDir: string, position: number): Stored[] {
  const reader = openReader({ stateDir });
  try {
    return reader.list({ after: position, oldestFirst: true, limit: 500 }).bundles.map((row) => {
      const { folder, bytes } = reader.files(row);
      const bundle = Bundle.parse(JSON.parse(bytes.toString('utf8')));
      const receipted = existsSync(join(folder, 'receipt.sig'));
      return { bundle, position: row.position, folder, receipted };
    });
  } finally {
    reader.close();
  }
}

/** The state that a bundle records after what was done; null for one that is about no control. */
export function stateOf({ post_state }: Bundle): CheckState | null {
  return CheckState.safeParse(post_state).data ?? null;
}

/** Looks every 100 ms until something is there; null after `seconds`. */
export async function waitFor<T>(
  look: () => T | null | undefined,
  seconds: number,
): Promise<T | null> {
  for (let tries = 0; tries < seconds * 10; tries += 1) {
    const found = look();
    if (found !== null && found !== undefined) return found;
    await sleep(100);
  }
  return null;
}
