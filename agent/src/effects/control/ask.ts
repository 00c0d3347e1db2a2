import { createConnection } from 'node:net';
import {
  ControlAnswer,
  type ControlRequest,
  MAX_CONTROL_ANSWER_BYTES,
} from '../../wire/control.ts';
import { FailureError, toFailure } from '../../wire/failure.ts';
import type { Json } from '../../wire/primitives.ts';

/**
 * Asks the running daemon over its control socket and gives the answer’s `data`. Throws `FailureError`: `unreachable`
 * where no daemon listens, `denied`, `timeout`, `malformed`, or what the daemon itself answered.
 */
export async function askControl({
  path,
  request,
  timeoutMs = 30_000,
}: {
  path: string;
  request: ControlRequest;
  timeoutMs?: number;
}): Promise<Json> {
  const line = await exchange(path, `${JSON.stringify(request)}\n`, timeoutMs);
  const answer = ControlAnswer.safeParse(parse(line));
  if (!answer.success) throw new FailureError('malformed', { where: 'control' });
  if (answer.data.ok) return answer.data.data;
  const { error, message } = answer.data;
  throw new FailureError(error.code, error.params, { message });
}

function exchange(path: string, line: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    const fail = (error: FailureError) => {
      socket.destroy();
      reject(error);
    };
    let text = '';
    const late = setTimeout(
      () => fail(new FailureError('timeout', { where: 'control', limit: timeoutMs })),
      timeoutMs,
    );
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(line));
    socket.on('data', (part: string) => {
      text += part;
      if (text.length > MAX_CONTROL_ANSWER_BYTES)
        fail(new FailureError('too_large', { where: 'control' }));
    });
    socket.once('error', (error) => fail(noDaemon(error)));
    socket.once('end', () => resolve(text));
    socket.once('close', () => clearTimeout(late));
  });
}

/** A socket that is not there, or that nobody listens on, means that no daemon runs. */
function noDaemon(error: Error): FailureError {
  const { code, params } = toFailure(error, 'control');
  return new FailureError(
    code === 'absent' ? 'unreachable' : code,
    { ...params, where: 'control' },
    { cause: error },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
