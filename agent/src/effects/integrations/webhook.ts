import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { webhookSignature } from '../../core/notice.ts';
import { VERSION } from '../../version.ts';
import { FailureError } from '../../wire/failure.ts';
import { WEBHOOK_HEADERS } from '../../wire/notice.ts';
import { readSecret } from '../keys.ts';
import { connectionFailure } from '../upload/failures.ts';
import { PATIENCE_MS, type Sink } from './sink.ts';

/** Of an answer no more is read: only its status counts. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Posts notices as JSON, signed by the shared secret. The secret is read for each one, so that a renewed file counts at
 * once. A redirection is not followed: the signature is for one receiver. Authorities default to those of Node.
 */
export function createWebhook({
  url,
  secretFile,
  caFile,
  timeoutMs = PATIENCE_MS,
  now = () => new Date(),
}: {
  url: string;
  secretFile: string;
  caFile?: string | undefined;
  timeoutMs?: number;
  now?: () => Date;
}): Sink {
  const { origin, pathname, search } = new URL(url);
  const pool = new Pool(origin, {
    connections: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: {
      timeout: timeoutMs,
      ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
    },
  });
  const post = async (headers: Record<string, string>, body: Buffer, signal: AbortSignal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const request = { method: 'POST', path: pathname + search, headers, body, signal: limit };
    try {
      const { statusCode, body: answer } = await pool.request(request);
      await answer.dump({ limit: MAX_ANSWER_BYTES, signal: limit }).catch(() => {}); // its status has come
      return statusCode;
    } catch (error) {
      if (signal.aborted) throw new FailureError('interrupted', {}, { cause: error });
      if (limit.aborted) throw new FailureError('timeout', { limit: timeoutMs }, { cause: error });
      throw connectionFailure(error, { timeoutMs, limit: MAX_ANSWER_BYTES });
    }
  };
  return {
    async send(notice, signal) {
      const body = Buffer.from(JSON.stringify(notice));
      const timestamp = String(Math.floor(now().getTime() / 1000));
      const headers = {
        'content-type': 'application/json',
        'user-agent': `compliance-agent/${VERSION}`,
        [WEBHOOK_HEADERS.delivery]: notice.bundle_id,
        [WEBHOOK_HEADERS.timestamp]: timestamp,
        [WEBHOOK_HEADERS.signature]: webhookSignature({
          secret: readSecret(secretFile),
          timestamp,
          body,
        }),
      };
      const status = await post(headers, body, signal);
      if (status >= 200 && status < 300) return;
      const passing = status === 408 || status === 429 || status >= 500;
      throw new FailureError(passing ? 'unreachable' : 'rejected', { status, where: 'webhook' });
    },
    close: () => pool.destroy(),
  };
}
