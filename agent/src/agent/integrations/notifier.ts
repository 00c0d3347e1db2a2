import type { Moment } from '../../core/backoff.ts';
import { uploadDelay } from '../../core/schedule.ts';
import type { Sink } from '../../effects/integrations/sink.ts';
import type { Log } from '../../effects/log.ts';
import type { Outbox } from '../../effects/store/outbox.ts';
import { type Failure, toFailure } from '../../wire/failure.ts';
import type { NoticeChannel } from '../../wire/notice.ts';

/** Milliseconds after which a quiet notifier looks at its outbox again, though nobody woke it. */
const IDLE_MS = 60_000;
/** Notices of one turn; a longer backlog lets others have theirs in between. */
const BATCH = 100;

export type Notifier = {
  /** Tells what is due; never rejects, gives the milliseconds until the next turn. */
  turn(signal: AbortSignal): Promise<number>;
  /** Why the last notice could not be told; null where it could. */
  failure(): Failure | null;
  close(): Promise<void>;
};

/**
 * Tells one receiver, at its own pace. A failure ends the turn, so that an outage costs one notice its try and not all;
 * once the receiver takes one again, everything that waited is due.
 */
export function createNotifier({
  channel,
  outbox,
  connect,
  log,
  random,
  moment,
}: {
  channel: NoticeChannel;
  outbox: Outbox;
  /** Made anew after every failure, so that renewed files are read. */
  connect: () => Promise<Sink>;
  log: Pick<Log, 'info' | 'warn'>;
  random: () => number;
  moment: () => Moment;
}): Notifier {
  let sink: Sink | null = null;
  let failures = 0;
  let failure: Failure | null = null;

  const disconnect = async () => {
    const closing = sink;
    sink = null;
    await closing?.close().catch(() => {}); // it is given up in either case
  };

  /** Gives why it could not be told; null where it was. */
  const tell = async (position: number, signal: AbortSignal): Promise<Failure | null> => {
    try {
      sink ??= await connect();
      await sink.send(outbox.notice(position), signal);
      return null;
    } catch (error) {
      return toFailure(error, channel);
    }
  };

  const fail = async (position: number, reason: Failure): Promise<number> => {
    outbox.markFailed(channel, position, { at: moment(), failure: reason, jitter: random() });
    if (failure === null) log.warn({ channel, failure: reason }, 'a notice could not be told');
    failure = reason;
    failures += 1;
    await disconnect();
    return uploadDelay({ failures, random: random() });
  };

  const turn = async (signal: AbortSignal): Promise<number> => {
    for (const position of outbox.due(channel, { at: moment(), limit: BATCH })) {
      const reason = await tell(position, signal);
      if (signal.aborted) return IDLE_MS; // it is told with the next start
      if (reason !== null) return fail(position, reason);
      outbox.markDelivered(channel, position);
      if (failure === null) continue;
      log.info({ channel }, 'notices are told again');
      failures = 0;
      failure = null;
      outbox.retryNow(channel);
    }
    return Math.min(Math.max(outbox.nextDueMs(channel, moment()) ?? IDLE_MS, 100), IDLE_MS);
  };

  return {
    turn: (signal) =>
      turn(signal).catch((error: unknown) => {
        log.warn({ channel, failure: toFailure(error, 'outbox') }, 'the outbox cannot be used');
        return IDLE_MS;
      }),
    failure: () => failure,
    close: disconnect,
  };
}
