import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { MAX_CONTROL_REQUEST_BYTES } from '../../wire/control.ts';
import { InputError } from '../../wire/input.ts';

/** `sun_path` of unix(7) has 108 bytes, the last of them zero. */
const MAX_SOCKET_PATH_BYTES = 107;
/** Milliseconds in which a request must have been sent. */
const REQUEST_TIME_MS = 5000;
/** Requests at one time; the next caller waits in the kernel’s queue no longer than its own patience. */
const MAX_CONNECTIONS = 16;

export type ControlListener = { close(): Promise<void> };

/**
 * Listens on the daemon’s control socket, mode 0600. `answer` gets one line and gives one; it must not throw. The caller
 * holds the writer lock of the state folder, so a socket that is already there is one that a killed daemon left.
 */
export async function listenControl({
  path,
  answer,
}: {
  path: string;
  answer: (line: string) => Promise<string>;
}): Promise<ControlListener> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw new InputError('settings', [
      {
        field: 'state_dir',
        found: `a path that makes ${path} longer than a socket’s may be`,
        expected: `expected at most ${MAX_SOCKET_PATH_BYTES} bytes`,
      },
    ]);
  }
  await rm(path, { force: true });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serve(socket, answer);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const mask = process.umask(0o177); // bind(2) happens inside listen(): never open to others, not even briefly
    server.listen(path, resolve);
    process.umask(mask);
  });
  await chmod(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function serve(socket: Socket, answer: (line: string) => Promise<string>): void {
  let text = '';
  const late = setTimeout(() => socket.destroy(), REQUEST_TIME_MS);
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy()); // whoever asked has gone
  socket.once('close', () => clearTimeout(late));
  socket.on('data', async (part: string) => {
    text += part;
    if (text.length > MAX_CONTROL_REQUEST_BYTES) return void socket.destroy();
    const end = text.indexOf('\n');
    if (end < 0) return;
    clearTimeout(late);
    socket.removeAllListeners('data');
    socket.resume(); // what else it sends is not read
    socket.end(`${await answer(text.slice(0, end))}\n`);
  });
}
