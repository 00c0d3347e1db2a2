import { createSecureContext, type SecureContext } from 'node:tls';
import { Pool } from 'undici';
import { FailureError } from '../../wire/failure.ts';
import type { Limits } from './exchange.ts';

/** The one set of kept connections to a server. */
export function openPool({
  url,
  ca,
  cert,
  key,
  connections,
  timeoutMs,
  maxAnswerBytes,
}: { url: string; ca: string; cert: string; key: string; connections: number } & Limits): Pool {
  return new Pool(new URL(url).origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: maxAnswerBytes,
    connect: { secureContext: tlsContext({ ca, cert, key }), timeout: Math.min(timeoutMs, 10_000) },
  });
}

function tlsContext(options: { ca: string; cert: string; key: string }): SecureContext {
  try {
    return createSecureContext({ ...options, minVersion: 'TLSv1.2' });
  } catch (cause) {
    throw new FailureError('malformed', { reason: 'TLS files' }, { cause });
  }
}
