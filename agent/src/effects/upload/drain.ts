import pMap from 'p-map';
import type { Moment } from '../../core/backoff.ts';
import type { Verifier } from '../../core/ed25519.ts';
import { openReceipt } from '../../core/receipt.ts';
import type { Envelope } from '../../wire/envelope.ts';
import { type Failure, toFailure } from '../../wire/failure.ts';
import type { Queue, QueueEntry, Receipt } from '../queue/queue.ts';
import type { Client } from './client.ts';

export type Drained = {
  readonly uploaded: number;
  readonly failed: number;
  /** Due entries that were not tried, as the server was out of reach or the signal came. */
  readonly left: number;
  /** The server’s signed head where it holds another history of this host: open a new chain. */
  readonly fork: Envelope | null;
  /** Why the server was out of reach; null where it was not. */
  readonly outage: Failure | null;
};

/** Receipts that one commit takes. A kill before it costs nothing: the server answers the same for the same bytes. */
const BATCH = 64;

/**
 * Uploads what is due, several at a time, begun in chain order. The first failure that is the server’s and not the
 * bundle’s ends the round: one outage costs one try of `concurrency` entries, not one of each. A fork does not end it:
 * the server keeps the bytes of a fork too. Stops promptly when `signal` aborts; what was under way stays queued.
 */
export async function drainQueue({
  queue,
  client,
  receiptKeys,
  moment,
  jitter,
  limit = 1000,
  concurrency = 16,
  signal,
}: {
  queue: Pick<Queue, 'due' | 'contents' | 'markUploaded' | 'markFailed' | 'settle'>;
  client: Pick<Client, 'sendEvidence'>;
  /** The pinned receipt keys; null where none is pinned. */
  receiptKeys: readonly Verifier[] | null;
  moment: () => Moment;
  /** A number in [0, 1) for the time of the next try. */
  jitter: () => number;
  /** Entries of one round at most. */
  limit?: number;
  concurrency?: number;
  signal?: AbortSignal | undefined;
}): Promise<Drained> {
  const entries = queue.due({ at: moment(), limit });
  let uploaded = 0;
  let failed = 0;
  let fork: Envelope | null = null;
  let outage: Failure | null = null;
  let received: { sha256: string; receipt: Receipt }[] = [];

  const fail = (sha256: string, failure: Failure): void => {
    failed += 1;
    queue.markFailed(sha256, { at: moment(), failure, jitter: jitter() });
  };
  const take = (): void => {
    const batch = received;
    received = [];
    try {
      if (batch.length > 0) queue.markUploaded(batch);
      uploaded += batch.length;
    } catch (error) {
      const failure = toFailure(error, 'upload');
      for (const { sha256 } of batch) fail(sha256, failure);
    }
  };
  const upload = async ({ sha256 }: QueueEntry): Promise<void> => {
    if (outage !== null || signal?.aborted) return;
    let answering = false;
    try {
      const { bytes, signature } = queue.contents(sha256);
      answering = true;
      const sent = await client.sendEvidence({ bytes, signature, signal });
      const receipt = openReceipt({ receipt: sent.receipt, bundle: bytes, verifiers: receiptKeys });
      if (sent.kind === 'fork') fork ??= sent.head;
      if (received.push({ sha256, receipt }) >= BATCH) take();
    } catch (error) {
      const failure = toFailure(error, 'upload');
      if (failure.code === 'interrupted') return; // no fault of server or bundle
      if (isOutage(failure) || (answering && isNoAnswer(failure))) outage ??= failure;
      fail(sha256, failure);
    }
  };

  await pMap(entries, upload, { concurrency });
  take();
  await queue.settle();
  return { uploaded, failed, left: entries.length - uploaded - failed, fork, outage };
}

/** Whether the next bundle would fare the same: no connection, no trust, or a server that refuses this host. */
function isOutage({ code, params }: Failure): boolean {
  if (code === 'rejected') return params.status === undefined || params.status === 403;
  return code === 'unreachable' || code === 'timeout' || code === 'expired';
}

/** What answers has no end, or is no control server: the next bundle would fare the same. */
function isNoAnswer({ code }: Failure): boolean {
  return code === 'too_large' || code === 'malformed';
}
