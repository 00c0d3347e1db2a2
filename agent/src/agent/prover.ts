import { createPlatformVerifier } from '../core/ed25519.ts';
import { readPublicKeys } from '../effects/keys.ts';
import type { Log } from '../effects/log.ts';
import { layout } from '../effects/store/folders.ts';
import type { Client } from '../effects/upload/client.ts';
import { toFailure } from '../wire/failure.ts';
import type { Agent } from './agent.ts';

const DAY_MS = 24 * 3600 * 1000;

/**
 * Once a day, while the server answers, has it prove that our receipts are in its log and that the log only grew, and
 * keeps that beside the receipts. A server that cannot is logged, and asked again the next day. Needs a pinned key.
 */
export function createProver({ agent, log }: { agent: Agent; log: Log }) {
  let nextMs = 0;
  return async (client: Client, { signal, nowMs }: { signal: AbortSignal; nowMs: number }) => {
    const { receipt_keys_file: file, state_dir } = agent.config().settings;
    if (file === undefined || nowMs < nextMs) return;
    nextMs = nowMs + DAY_MS;
    const { keepProofs } = await import('../effects/upload/prove.ts');
    try {
      const receiptKeys = readPublicKeys(file).map(createPlatformVerifier);
      const { evidence } = layout(state_dir);
      const { faults } = await keepProofs({ evidence, client, receiptKeys, signal });
      if (faults.length > 0) log.error({ faults }, 'the server’s log does not hold');
    } catch (error) {
      log.error({ failure: toFailure(error, 'prove') }, 'the server did not prove its log');
    }
  };
}
