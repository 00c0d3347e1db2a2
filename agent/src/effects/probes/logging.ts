import type { Journal } from '../../core/logging/facts.ts';
import { Reading } from '../../core/reading.ts';
import { orUnseen } from '../../core/unseen.ts';
import { sendCanary } from './canary.ts';
import { lookWith, type ProbeLook } from './index.ts';
import { journalStorage } from './journal-storage.ts';

/** Milliseconds unless the baseline says otherwise, as its section has it. */
const MAX_LATENCY_MS = 5000;

/**
 * Writes a line of its own to the journal and finds it again, and says where the journal is kept. It needs the group
 * `systemd-journal` to read, and no capability.
 */
export async function probeLogging({
  stream,
  section,
  ...look
}: ProbeLook & { readonly stream?: string }): Promise<Journal> {
  const maxLatency = new Reading(section, 'checks.logging')
    .field('canary_max_latency_ms')
    .or(MAX_LATENCY_MS, (given) => given.integer(10, 15_000));
  const host = lookWith(look);
  const { root, signal } = look;
  const [canary, storage] = await Promise.all([
    orUnseen(sendCanary({ host, waitMs: 2 * maxLatency, signal, stream })),
    orUnseen(journalStorage({ host, root })),
  ]);
  return { canary, storage };
}
