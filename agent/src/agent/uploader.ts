import { uploadDelay } from '../core/schedule.ts';
import type { Log } from '../effects/log.ts';
import type { Client } from '../effects/upload/client.ts';
import type { Drained } from '../effects/upload/drain.ts';
import type { Envelope } from '../wire/envelope.ts';
import { type Failure, toFailure } from '../wire/failure.ts';

/** Milliseconds after which a quiet uploader looks at its queue again, though nobody woke it. */
const IDLE_MS = 30_000;

/** An outage of this kind is over once the server answers; one that refuses this host may go on refusing it. */
const PASSING = new Set(['unreachable', 'timeout']);

export type ServerState = {
  readonly state: 'not asked yet' | 'reachable' | 'out of reach';
  readonly failure: Failure | null;
  readonly certificate: { readonly expires: string; readonly days_left: number } | null;
};

export type UploaderParts = {
  /** Made anew after every outage, so that renewed certificates are read. */
  readonly connect: () => Promise<Client>;
  readonly drain: (client: Client, signal: AbortSignal) => Promise<Drained>;
  /** Makes every entry due, once a server that was out of reach answers again. */
  readonly retryNow: () => void;
  /** Milliseconds until an entry is due; null where none waits. */
  readonly nextDueMs: () => number | null;
  /** The server holds another history of this host, and says how far. */
  readonly onFork: (head: Envelope) => Promise<void>;
  /** Whatever else is asked of a server that answers, as waiting orders. */
  readonly whileConnected?: (client: Client, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
  readonly random: () => number;
};

/**
 * Ships the queue at its own pace. `turn` never rejects and gives the milliseconds until the next. While the server is
 * out of reach it is asked for its health only, once a turn and ever more seldom: an outage costs no bundle its tries.
 */
export function createUploader(parts: UploaderParts) {
  const { connect, drain, retryNow, nextDueMs, onFork, whileConnected, log, random } = parts;
  let client: Client | null = null;
  let failures = 0;
  let progress = false;
  let server: ServerState = { state: 'not asked yet', failure: null, certificate: null };

  const reach = async (signal: AbortSignal): Promise<Client> => {
    client ??= await connect();
    const { expires, daysLeft, state } = client.certificateExpiry(new Date());
    const certificate = { expires: expires.toISOString(), days_left: daysLeft };
    if (state !== 'valid' && server.certificate === null)
      log.warn({ days_left: daysLeft }, 'the client certificate ends soon or has ended');
    server = { ...server, certificate };
    if (server.state === 'reachable') return client;
    await client.health({ signal, once: server.state === 'out of reach' });
    if (server.failure !== null && PASSING.has(server.failure.code)) retryNow();
    log.info('server reached');
    server = { ...server, state: 'reachable', failure: null };
    return client;
  };

  /** Gives why the server could not be used after all. */
  const ship = async (signal: AbortSignal): Promise<Failure | null> => {
    const connected = await reach(signal);
    const { uploaded, fork, outage } = await drain(connected, signal);
    progress = uploaded > 0;
    if (uploaded > 0) log.debug({ uploaded }, 'evidence uploaded');
    if (fork !== null) await onFork(fork);
    if (outage !== null) return outage;
    failures = 0;
    await whileConnected?.(connected, signal);
    return null;
  };

  const disconnect = async () => {
    const closing = client;
    client = null;
    await closing?.close().catch(() => {}); // it is given up in either case
  };

  return {
    state: (): ServerState => server,
    close: disconnect,
    async turn(signal: AbortSignal): Promise<number> {
      const failure = await ship(signal).catch((error: unknown) => toFailure(error, 'upload'));
      if (failure === null || failure.code === 'interrupted')
        return Math.min(Math.max(nextDueMs() ?? IDLE_MS, progress ? 0 : 100), IDLE_MS);
      failures += 1;
      if (server.state !== 'out of reach') log.warn({ failure }, 'server out of reach');
      server = { ...server, state: 'out of reach', failure };
      await disconnect();
      return uploadDelay({ failures, random: random() });
    },
  };
}
export type Uploader = ReturnType<typeof createUploader>;
