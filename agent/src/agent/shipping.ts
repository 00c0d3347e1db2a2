import { createPlatformVerifier } from '../core/ed25519.ts';
import { readPublicKeys } from '../effects/keys.ts';
import type { Log } from '../effects/log.ts';
import { readMoment } from '../effects/moment.ts';
import type { Client } from '../effects/upload/client.ts';
import type { Agent } from './agent.ts';
import { connectToServer } from './connect.ts';
import { createForkAnswer } from './fork.ts';
import { createUploader, type Uploader } from './uploader.ts';

/** An uploader of this agent's queue to the server that its settings name. Loads TLS and HTTP only when first used. */
export function createShipping({
  agent,
  log,
  random = Math.random,
  whileConnected,
}: {
  agent: Agent;
  log: Log;
  random?: () => number;
  whileConnected?: (client: Client, signal: AbortSignal) => Promise<void>;
}): Uploader {
  const { queue } = agent.store;
  const answerFork = createForkAnswer({ agent, log });
  const pinnedKeys = () => {
    const file = agent.config().settings.receipt_keys_file;
    return file === undefined ? null : readPublicKeys(file).map(createPlatformVerifier);
  };
  return createUploader({
    log,
    random,
    onFork: (head) => answerFork(head, { receiptKeys: pinnedKeys(), nowMs: Date.now() }),
    ...(whileConnected === undefined ? {} : { whileConnected }),
    retryNow: () => queue.retryNow(),
    nextDueMs: () => queue.nextDueMs(readMoment()),
    connect: () => connectToServer(agent.config().settings),
    async drain(client, signal) {
      const [{ drainQueue }, { whileBusy }] = await Promise.all([
        import('../effects/upload/drain.ts'),
        import('../effects/heap.ts'),
      ]);
      const drained = await whileBusy(() =>
        drainQueue({
          queue,
          client,
          signal,
          receiptKeys: pinnedKeys(),
          moment: readMoment,
          jitter: random,
        }),
      );
      agent.counters.evidence_uploaded += drained.uploaded;
      return drained;
    },
  });
}
