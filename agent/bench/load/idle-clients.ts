// A program: opens connections and keeps them idle, since one process may not have as many files as both ends need.
// Arguments: address, folder with ca.crt, idle.crt and idle.key, and how many. It says `open` once they are.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import pMap from 'p-map';

const [url = '', folder = '', count = '0'] = process.argv.slice(2);
const read = (name: string) => readFileSync(join(folder, name));
const { hostname, port } = new URL(url);
const secureContext = createSecureContext({
  ca: read('ca.crt'),
  cert: read('idle.crt'),
  key: read('idle.key'),
});
const open: TLSSocket[] = [];
let session: Buffer | undefined;
let closed = 0;

await pMap(
  Array.from({ length: Number(count) }),
  async () => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      secureContext,
      ...(session && { session }),
    });
    socket.once('session', (found) => {
      session ??= found;
    });
    await once(socket, 'secureConnect');
    // One request makes it a connection that is kept; then it says no more.
    socket.write('GET /health HTTP/1.1\r\nHost: idle\r\n\r\n');
    await once(socket, 'data');
    socket.on('close', () => {
      closed += 1;
    });
    socket.on('error', () => {}); // its close is counted
    socket.resume();
    open.push(socket);
  },
  { concurrency: 32 },
);
console.log('open');
process.stdin.on('end', () => {
  console.log(`closed ${closed}`);
  process.exit(0);
});
process.stdin.resume();
