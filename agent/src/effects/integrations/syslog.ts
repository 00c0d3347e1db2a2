import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { octetCounted, syslogMessage } from '../../core/syslog.ts';
import { FailureError } from '../../wire/failure.ts';
import { connectionFailure } from '../upload/failures.ts';
import { PATIENCE_MS, type Sink } from './sink.ts';

type Target = { readonly host: string; readonly port: number };

/**
 * Sends notices as RFC 5424 messages over `udp://`, `tcp://` (octet counting, RFC 6587) or `tls://` (RFC 5425). Syslog
 * has no answer: with UDP nobody knows whether a message came, with TCP and TLS that the kernel took it.
 */
export function createSyslog({
  target,
  caFile,
  timeoutMs = PATIENCE_MS,
}: {
  target: string;
  caFile?: string | undefined;
  timeoutMs?: number;
}): Sink {
  const { protocol, hostname, port } = new URL(target);
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
  if (protocol === 'udp:') return overUdp(at);
  if (protocol === 'tcp:') return overStream(() => connectTcp(at), 'connect', timeoutMs);
  const open = () => {
    const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
    const name = isIP(at.host) === 0 ? { servername: at.host } : {};
    return connectTls({ ...at, ...ca, ...name, minVersion: 'TLSv1.2' });
  };
  return overStream(open, 'secureConnect', timeoutMs);
}

function overUdp({ host, port }: Target): Sink {
  const socket = createSocket({ type: isIP(host) === 6 ? 'udp6' : 'udp4' }).unref();
  socket.on('error', () => {}); // what the network says later belongs to no message
  return {
    send: (notice) =>
      new Promise((resolve, reject) => {
        socket.send(syslogMessage(notice, { pid: process.pid }), port, host, (error) =>
          error === null ? resolve() : reject(failure(error)),
        );
      }),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** One connection, kept while it holds and made again with the next message. */
function overStream(open: () => Socket, ready: string, timeoutMs: number): Sink {
  let socket: Socket | null = null;
  const drop = (closing: Socket) => {
    closing.destroy();
    if (socket === closing) socket = null;
  };
  const connected = (signal: AbortSignal) =>
    socket === null || socket.destroyed
      ? new Promise<Socket>((resolve, reject) => {
          const fresh = open();
          const stop = () => fresh.destroy(interruption(signal));
          signal.addEventListener('abort', stop, { once: true });
          fresh.once(ready, () => resolve(fresh));
          fresh.once('error', reject);
          fresh.on('error', () => drop(fresh));
          fresh.once('end', () => drop(fresh)); // the receiver has gone: the next message connects anew
          fresh.once('close', () => signal.removeEventListener('abort', stop));
          fresh.resume(); // nothing is to come, and what comes all the same is not kept
          fresh.unref();
          socket = fresh;
        })
      : Promise.resolve(socket);

  return {
    async send(notice, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        const stream = await connected(limit);
        await written(stream, octetCounted(syslogMessage(notice, { pid: process.pid })), limit);
      } catch (error) {
        if (socket !== null) drop(socket);
        if (signal.aborted) throw new FailureError('interrupted', {}, { cause: error });
        if (limit.aborted)
          throw new FailureError('timeout', { limit: timeoutMs }, { cause: error });
        throw failure(error);
      }
    },
    async close() {
      socket?.end();
      socket = null;
    },
  };
}

function written(stream: Socket, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => stream.destroy(interruption(signal));
    signal.addEventListener('abort', stop, { once: true });
    stream.write(bytes, (error) => {
      signal.removeEventListener('abort', stop);
      if (error) reject(error);
      else resolve();
    });
  });
}

function interruption(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('stopped');
}

function failure(error: unknown): FailureError {
  return connectionFailure(error, { timeoutMs: PATIENCE_MS, limit: 0 });
}
