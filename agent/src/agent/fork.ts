import type { Verifier } from '../core/ed25519.ts';
import { openEnvelope } from '../core/envelope.ts';
import type { Log } from '../effects/log.ts';
import { type Envelope, HeadPayload } from '../wire/envelope.ts';
import { toFailure } from '../wire/failure.ts';
import type { Agent } from './agent.ts';

/** A server that answers everything with a fork makes no more than one chain in this time. */
const ONE_CHAIN_MS = 3_600_000;

/**
 * What follows when the server holds another history of this host, as after a restore from a backup: a new chain, whose
 * first bundle names the old one and the reason (DESIGN 6). Where receipt keys are pinned, one must have signed the head.
 */
export function createForkAnswer({ agent, log }: { agent: Agent; log: Log }) {
  let lastMs = Number.NEGATIVE_INFINITY;
  return async (
    head: Envelope,
    { receiptKeys, nowMs }: { receiptKeys: readonly Verifier[] | null; nowMs: number },
  ): Promise<void> => {
    if (nowMs - lastMs < ONE_CHAIN_MS) return;
    try {
      if (receiptKeys !== null) openEnvelope(head, { verifiers: receiptKeys, schema: HeadPayload });
      const context = await agent.context();
      const { chain_id } = agent.store.beginChain({ reason: 'fork', context, at: new Date() });
      lastMs = nowMs;
      log.warn({ chain_id }, 'the server holds another history of this host: a new chain begins');
    } catch (error) {
      log.error({ failure: toFailure(error, 'fork') }, 'a fork was told and no new chain begun');
    }
  };
}
