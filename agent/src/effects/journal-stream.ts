import { createConnection } from 'node:net';
import { FailureError } from '../wire/failure.ts';

/** Where journald takes lines; systemd connects the standard output of services to it. */
const JOURNAL_STREAM = '/run/systemd/journal/stdout';
/** syslog(3) */
const INFO = 6;

/**
 * Hands a line to journald as systemd-cat(1) does, by the stream that it opens (systemd, sd_journal_stream_fd(3)): lines
 * of identifier, unit, priority, and four flags, of which the first lets a line begin with a priority. False where nothing
 * takes it: no journald listens. Throws `FailureError` `timeout` when the signal aborts.
 */
export function writeToJournal({
  identifier,
  line,
  signal,
  stream = JOURNAL_STREAM,
}: {
  identifier: string;
  line: string;
  signal: AbortSignal;
  stream?: string | undefined;
}): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: stream });
    const late = () => {
      socket.destroy();
      reject(new FailureError('timeout', { path: stream }));
    };
    const told = (written: boolean) => {
      signal.removeEventListener('abort', late);
      socket.destroy(); // what the kernel has taken journald still reads
      resolve(written);
    };
    socket.once('error', () => told(false));
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) late();
    else socket.end([identifier, '', INFO, 1, 0, 0, 0, line, ''].join('\n'), () => told(true));
  });
}
