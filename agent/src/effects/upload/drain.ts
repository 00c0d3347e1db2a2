import pMap from 'p-map';
import type { Envelope } from '../../wire/envelope.ts';
import { type Failure, toFailure } from '../../wire/failure.ts';
import type { Client, Sent } from './client.ts';

/** What the queue must offer to be drained. `E` is its entry; it is handed back as it came. */
export type Drainable<E> = {
  /** Entries whose time has come, in the order of their chain. */
  due(options: { now: Date }): readonly E[] | Promise<readonly E[]>;
  /** Exact bytes of `bundle.json`, and the text of `bundle.sig`. */
  load(entry: E): Promise<{ bytes: Uint8Array; signature: string }>;
  /** The server holds it: keeps the receipt and takes the entry out, durably. */
  markUploaded(entry: E, done: { sent: Sent; now: Date }): void | Promise<void>;
  /** It is tried again later. */
  markFailed(entry: E, done: { failure: Failure; now: Date }): void | Promise<void>;
};

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

/**
 * Uploads what is due, a few at a time, begun in chain order. The first failure that is the server’s and not the
 * bundle’s ends the round: one outage costs one try of `concurrency` entries, not one of each. A fork does not end it:
 * the server keeps the bytes of a fork too. Stops promptly when `signal` aborts; what was under way stays queued.
 */
export async function drainQueue<E>({
  queue,
  client,
  checkReceipt,
  now,
  concurrency = 4,
  signal,
}: {
  queue: Drainable<E>;
  client: Pick<Client, 'sendEvidence'>;
  /** Throws `FailureError` unless the receipt is for these bytes and by a key that counts. */
  checkReceipt: (receipt: Envelope, bytes: Uint8Array) => void;
  now: () => Date;
  concurrency?: number;
  signal?: AbortSignal | undefined;
}): Promise<Drained> {
  const entries = await queue.due({ now: now() });
  let uploaded = 0;
  let failed = 0;
  let fork: Envelope | null = null;
  let outage: Failure | null = null;

  const upload = async (entry: E): Promise<void> => {
    if (outage !== null || signal?.aborted) return;
    try {
      const { bytes, signature } = await queue.load(entry);
      const sent = await client.sendEvidence({ bytes, signature, signal });
      checkReceipt(sent.receipt, bytes);
      await queue.markUploaded(entry, { sent, now: now() });
      uploaded += 1;
      if (sent.kind === 'fork') fork ??= sent.head;
    } catch (error) {
      const failure = toFailure(error, 'upload');
      if (failure.code === 'interrupted') return; // no fault of server or bundle
      if (isOutage(failure)) outage ??= failure;
      failed += 1;
      await queue.markFailed(entry, { failure, now: now() });
    }
  };

  await pMap(entries, upload, { concurrency });
  return { uploaded, failed, left: entries.length - uploaded - failed, fork, outage };
}

/** Whether the next bundle would fare the same: no connection, no trust, or a server that refuses this host. */
function isOutage({ code, params }: Failure): boolean {
  if (code === 'rejected') return params.status === undefined || params.status === 403;
  return code === 'unreachable' || code === 'timeout' || code === 'expired';
}
