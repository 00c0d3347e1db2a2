import { createConnection } from 'node:net';
import { join } from 'node:path';
import { FailureError, toFailure } from '../wire/failure.ts';
import { MAX_REMEDY_BYTES, RemedyAnswer, type RemedySocket } from '../wire/remedy.ts';

/**
 * Asks a privileged remedy (DESIGN 5): connects, hands over at most one signed order, ends its side and reads to the
 * end, however long that takes. Null for an empty answer: another instance runs, or this one was cut off. Throws
 * `FailureError`: `unreachable`, `denied`, `too_large`, `malformed`.
 */
export async function askRemedy(
  name: RemedySocket,
  { runtimeDir, order }: { runtimeDir: string; order: string | null },
): Promise<RemedyAnswer | null> {
  const answer = await exchange(join(runtimeDir, 'remedy', `${name}.sock`), order ?? '', name);
  if (answer.length === 0) return null;
  try {
    return RemedyAnswer.parse(JSON.parse(answer.toString('utf8')));
  } catch (cause) {
    throw new FailureError('malformed', { where: `remedy.${name}` }, { cause });
  }
}

function exchange(path: string, order: string, name: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    const parts: Buffer[] = [];
    let total = 0;
    let connected = false;
    socket.unref(); // a remedy outlives the agent: waiting for it keeps nobody from stopping
    socket.once('connect', () => {
      connected = true;
      socket.end(order);
    });
    socket.on('data', (part: Buffer) => {
      parts.push(part);
      total += part.length;
      if (total <= MAX_REMEDY_BYTES) return;
      socket.destroy();
      reject(new FailureError('too_large', { where: `remedy.${name}`, limit: MAX_REMEDY_BYTES }));
    });
    socket.once('close', () => resolve(Buffer.concat(parts)));
    socket.once('error', (error: Error & { code?: string }) => {
      // Closed before it read our order: it was busy, which an empty answer says.
      if (connected) return;
      const { code } = toFailure(error, `remedy.${name}`);
      const errno = error.code === undefined ? {} : { errno: error.code };
      const params = { where: `remedy.${name}`, ...errno };
      reject(new FailureError(code === 'absent' ? 'unreachable' : code, params));
    });
  });
}
