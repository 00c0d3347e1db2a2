import { setTimeout as sleep } from 'node:timers/promises';
import { createPlatformVerifier } from '../../../src/core/ed25519.ts';
import { type OpenedCheckpoint, openCheckpoint, openConsistency } from '../../../src/core/proof.ts';
import { readPublicKeys } from '../../../src/effects/keys.ts';
import type { Client } from '../../../src/effects/upload/client.ts';

/** Keeps every signed state of the log that a server gives out meanwhile. */
export function watchLog(
  client: Client,
  receiptKeys: string,
): { stop(): Promise<OpenedCheckpoint[]> } {
  const verifiers = readPublicKeys(receiptKeys).map(createPlatformVerifier);
  const seen = new Map<number, OpenedCheckpoint>();
  let over = false;
  const watch = async () => {
    while (!over) {
      const answer = await client.consistency(0).catch(() => null); // whoever should answer was killed
      if (answer !== null) {
        const opened = openCheckpoint(answer.checkpoint, verifiers);
        seen.set(opened.tree.size, opened);
      }
      await sleep(200);
    }
  };
  const watching = watch();
  return {
    async stop() {
      over = true;
      await watching;
      return [...seen.values()];
    },
  };
}

/** Every checkpoint that a server gave out meanwhile is a beginning of the log as it is now. */
export async function checkCheckpoints(
  client: Client,
  { seen, receiptKeys }: { seen: readonly OpenedCheckpoint[]; receiptKeys: string },
): Promise<string[]> {
  const verifiers = readPublicKeys(receiptKeys).map(createPlatformVerifier);
  const faults: string[] = [];
  for (const earlier of seen) {
    try {
      const proof = await client.consistency(earlier.tree.size);
      openConsistency({ proof, earlier, verifiers });
    } catch (error) {
      faults.push(
        `checkpoint of ${earlier.tree.size}: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  return faults;
}
