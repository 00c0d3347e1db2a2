import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FailureError } from '../../wire/failure.ts';
import { MAX_PROBE_BYTES, type ProbeName } from '../../wire/probe.ts';
import { ProbeDocument } from '../../wire/probe-document.ts';
import { failureAt } from './failure.ts';

/** Milliseconds before a busy probe is asked again. */
const BUSY_PAUSE = 50;

/**
 * Asks a privileged probe (DESIGN 5): connects, reads to the end, parses its one document and gives its `data`. An
 * empty answer means that another instance runs; it is asked again until `signal` aborts. Throws `FailureError`: the
 * probe’s own `error`, or `unreachable`, `denied`, `busy`, `timeout`, `too_large`, `malformed`.
 */
export async function askProbe(
  name: ProbeName,
  { runtimeDir, signal }: { runtimeDir: string; signal: AbortSignal },
): Promise<unknown> {
  const path = join(runtimeDir, 'probe', `${name}.sock`);
  for (;;) {
    const answer = await readToEnd(path, { name, signal });
    if (answer.length > 0) return openUnlessKnown(answer, { path, name });
    await pause(BUSY_PAUSE, undefined, { signal }).catch(() => {
      throw new FailureError('busy', { probe: name });
    });
  }
}

/** Bytes of an answer that are kept to compare the next with. */
const KEPT_BYTES = 262_144;
const known = new Map<string, { readonly answer: Buffer; readonly data: unknown }>();

/** A probe looks each time; where it answers byte for byte what it did before, the same object is its `data` again. */
function openUnlessKnown(
  answer: Buffer,
  { path, name }: { path: string; name: ProbeName },
): unknown {
  const before = known.get(path);
  if (before?.answer.equals(answer)) return before.data;
  known.delete(path);
  const data = openDocument(answer, name);
  if (answer.length <= KEPT_BYTES) known.set(path, { answer, data });
  return data;
}

/** Where sockets read to, all of them: what is read is copied at once, and a buffer each would have V8 collect. */
const page = Buffer.allocUnsafeSlow(65_536);

function readToEnd(
  path: string,
  { name, signal }: { name: ProbeName; signal: AbortSignal },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let total = 0;
    const socket = createConnection({
      path,
      onread: {
        buffer: page,
        callback(length, bytes) {
          parts.push(Buffer.from(bytes.subarray(0, length)));
          total += length;
          if (total > MAX_PROBE_BYTES)
            fail(new FailureError('too_large', { probe: name, limit: MAX_PROBE_BYTES }));
          return true;
        },
      },
    });
    const late = () => fail(new FailureError('timeout', { probe: name }));
    const over = () => signal.removeEventListener('abort', late);
    const fail = (error: FailureError) => {
      over();
      socket.destroy();
      reject(error);
    };
    socket.once('end', () => {
      over();
      resolve(Buffer.concat(parts));
    });
    socket.once('error', (error) => fail(noConnection(error, name)));
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) late();
  });
}

/** A socket file that is not there means that nothing listens: `absent` would be said of the thing looked for. */
function noConnection(error: Error & { code?: string }, probe: ProbeName): FailureError {
  if (error.code === 'ENOENT') return new FailureError('unreachable', { probe, errno: 'ENOENT' });
  return failureAt(error, 'host.probe', { probe });
}

/** The `data` of a probe’s document. Throws the probe’s own `error`, or `malformed`. */
export function openDocument(answer: Buffer, name: ProbeName): unknown {
  const document = ProbeDocument.safeParse(parseJson(answer, name));
  if (!document.success || document.data.probe !== name) {
    throw new FailureError('malformed', { probe: name });
  }
  if (document.data.ok) return document.data.data;
  const { code, params } = document.data.error;
  throw new FailureError(code, params);
}

function parseJson(answer: Buffer, probe: ProbeName): unknown {
  try {
    return JSON.parse(answer.toString('utf8'));
  } catch (cause) {
    throw new FailureError('malformed', { probe, reason: 'not JSON' }, { cause });
  }
}
