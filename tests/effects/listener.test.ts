import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  listenForProbesAndRemedies,
  type SocketListener,
} from '../../agent/src/effects/listener.ts';

const test = suite('sockets where no systemd listens', {
  folder: '',
  open: [] as SocketListener[],
});
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'listener-'));
});
test.after.each(async ({ folder, open }) => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
  rmSync(folder, { recursive: true });
});

type Place = { folder: string; open: SocketListener[] };

/** Sends, ends its side, and reads to the end. */
async function ask(path: string, text = ''): Promise<string> {
  const socket = connect(path);
  socket.end(text);
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  socket.on('error', () => {});
  await new Promise((done) => socket.once('close', done)); // an error is an answer too
  return answer;
}

const node = (script: string): [string, ...string[]] => [process.execPath, '-e', script];
async function serve({ folder, open }: Place, command: [string, ...string[]], limit = 60) {
  const services = [{ name: 'probe/x', command, limit }];
  const listener = await listenForProbesAndRemedies({ folder, services });
  open.push(listener);
  return listener;
}

test('an instance has the connection as its standard input and output', async (place) => {
  const listener = await serve(place, node('process.stdin.pipe(process.stdout)'));
  assert.equal(listener.paths, [join(place.folder, 'probe/x.sock')]);
  assert.is(await ask(join(place.folder, 'probe/x.sock'), 'an order'), 'an order');
});

test('the socket is closed to others', async (place) => {
  await serve(place, node(''));
  assert.is(statSync(join(place.folder, 'probe/x.sock')).mode & 0o777, 0o660);
});

test('a second connection meanwhile is closed empty, a later one is served', async (place) => {
  const path = join(place.folder, 'probe/x.sock');
  await serve(
    place,
    node(
      "process.stdin.on('data',()=>{process.stdout.write('done');process.exit()});process.stdout.write('up')",
    ),
  );
  const first = connect(path);
  await once(first, 'data'); // the instance runs
  assert.is(await ask(path), '');
  first.write('go');
  first.resume();
  await once(first, 'close');
  let answer = '';
  for (let tries = 0; answer === '' && tries < 100; tries += 1) answer = await ask(path, 'go');
  assert.is(answer, 'updone');
});

test('a command that cannot start answers empty and leaves the socket working', async (place) => {
  const path = join(place.folder, 'probe/x.sock');
  await serve(place, ['/nonexistent']);
  assert.is(await ask(path), '');
  assert.is(await ask(path), '');
});

test('an instance is killed at its limit', async (place) => {
  await serve(place, node('setInterval(() => {}, 1000)'), 0.2);
  assert.is(await ask(join(place.folder, 'probe/x.sock')), '');
});

test('a socket that an earlier listener left is replaced', async (place) => {
  const command = node("process.stdout.write('answer')");
  await serve(place, command);
  await serve(place, command);
  assert.is(await ask(join(place.folder, 'probe/x.sock')), 'answer');
});

test.run();
