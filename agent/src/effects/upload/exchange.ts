import type { Dispatcher } from 'undici';
import type * as z from 'zod';
import { FailureError } from '../../wire/failure.ts';
import { ErrorAnswer } from '../../wire/routes.ts';
import { connectionFailure } from './failures.ts';

export type Ask = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
};

export type Limits = {
  /** Milliseconds for one request and its whole answer. */
  readonly timeoutMs: number;
  /** Bytes of an answer’s body; the pool enforces them. */
  readonly maxAnswerBytes: number;
};

/**
 * One request, and its answer parsed by the schema that stands for its status. Every other status is a failure:
 * `unreachable` where asking again may help (408, 429, 5xx), else `rejected` with the server’s error code.
 */
export async function exchange<S extends Record<number, z.ZodType>>(
  pool: Dispatcher,
  ask: Ask,
  schemas: S,
  { timeoutMs, maxAnswerBytes, signal }: Limits & { signal?: AbortSignal | undefined },
): Promise<{ [K in keyof S]: { status: K; answer: z.infer<S[K]> } }[keyof S]> {
  const { status, text } = await send(pool, ask, { timeoutMs, maxAnswerBytes, signal });
  const schema = schemas[status];
  if (schema === undefined) throw refusal(status, text);
  const parsed = schema.safeParse(parse(text));
  if (!parsed.success) {
    throw new FailureError('malformed', { where: ask.path, status }, { cause: parsed.error });
  }
  return { status, answer: parsed.data } as {
    [K in keyof S]: { status: K; answer: z.infer<S[K]> };
  }[keyof S];
}

async function send(
  pool: Dispatcher,
  ask: Ask,
  { timeoutMs, maxAnswerBytes, signal }: Limits & { signal?: AbortSignal | undefined },
): Promise<{ status: number; text: string }> {
  if (signal?.aborted) throw new FailureError('interrupted');
  const controller = new AbortController();
  const stop = () => controller.abort(new FailureError('interrupted'));
  // The pool’s own time limits start anew with each byte; this one is for the whole of it.
  const timer = setTimeout(
    () => controller.abort(new FailureError('timeout', { limit: timeoutMs })),
    timeoutMs,
  );
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const { statusCode, body } = await pool.request({ ...ask, signal: controller.signal });
    return { status: statusCode, text: await body.text() };
  } catch (error) {
    throw connectionFailure(controller.signal.aborted ? controller.signal.reason : error, {
      timeoutMs,
      limit: maxAnswerBytes,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function refusal(status: number, text: string): FailureError {
  const said = ErrorAnswer.safeParse(parse(text));
  const reason = said.success && /^[a-z_]{1,64}$/.test(said.data.error) ? said.data.error : null;
  const params = reason === null ? { status } : { status, reason };
  if (status === 408 || status === 429 || status >= 500) {
    return new FailureError('unreachable', params);
  }
  if (status < 400) return new FailureError('malformed', params);
  const message = said.success ? `the server refuses: ${said.data.message}` : undefined;
  return new FailureError('rejected', params, message === undefined ? {} : { message });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema takes it, so it is reported as malformed
  }
}
