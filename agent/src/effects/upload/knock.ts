import { createConnection } from 'node:net';
import type { Limits } from './exchange.ts';
import { connectionFailure } from './failures.ts';

const LIMIT_MS = 10_000;

/** Whether somebody listens at an address: connects and hangs up. Throws `unreachable`, `timeout`. */
export function knock({ hostname, port, protocol }: URL, limits: Limits): Promise<void> {
  const timeoutMs = Math.min(limits.timeoutMs, LIMIT_MS);
  const host = hostname.replace(/^\[(.*)\]$/, '$1'); // an IPv6 address
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port: Number(port) || DEFAULT_PORT[protocol] || 443 });
    const timer = setTimeout(() => socket.destroy(late()), timeoutMs);
    const fail = (error: Error) =>
      reject(connectionFailure(error, { timeoutMs, limit: limits.maxAnswerBytes }));
    socket.once('error', fail);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

const DEFAULT_PORT: Record<string, number> = { 'http:': 80, 'https:': 443 };
const late = () => Object.assign(new Error('nobody answers'), { code: 'ETIMEDOUT' });
