import { once } from 'node:events';
import { chmod, lstat, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { FailureError } from '../../wire/failure.ts';

/** Milliseconds for one scrape. */
const SCRAPE_MS = 5000;

export type MetricsListener = {
  /** The port that was taken, for `:0`; null for a socket. */
  readonly port: number | null;
  close(): Promise<void>;
};

/**
 * Serves `GET /metrics` on `host:port`, or on a socket of mode 0660 that its folder’s group may use. A socket that
 * nobody listens on is replaced, anything else that lies there is not. No other path, method or body is answered.
 */
export async function listenForScrapes({
  at,
  contentType,
  text,
}: {
  at: string;
  contentType: string;
  text: () => Promise<string>;
}): Promise<MetricsListener> {
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
    if (request.url?.split('?')[0] !== '/metrics') return void response.writeHead(404).end();
    try {
      const body = await text();
      response.writeHead(200, { 'content-type': contentType }).end(body);
    } catch {
      response.writeHead(500).end(); // what is wrong with the store is in the log
    }
  });
  server.requestTimeout = SCRAPE_MS;
  server.headersTimeout = SCRAPE_MS;
  server.maxConnections = 16;
  const isSocket = at.startsWith('/');
  if (isSocket) await removeStale(at);
  const listening = once(server, 'listening');
  if (isSocket) {
    const mask = process.umask(0o117); // bind(2) happens inside listen(): never open to all, not even briefly
    server.listen(at);
    process.umask(mask);
  } else server.listen(address(at));
  await listening;
  if (isSocket) await chmod(at, 0o660);
  server.unref();
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function address(at: string): { host: string; port: number } {
  const colon = at.lastIndexOf(':');
  return { host: at.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(at.slice(colon + 1)) };
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  if (!found.isSocket() || (await answers(path)))
    throw new FailureError('busy', { where: 'metrics' });
  await rm(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (there: boolean) => () => {
      socket.destroy();
      resolve(there);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}
