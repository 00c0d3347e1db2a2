import { once } from 'node:events';
import { request } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Issued } from '../../agent/demo/certificates.ts';
import type { AppLimits } from '../../agent/src/server/http/app.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { signerOf } from '../support/evidence.ts';
import { keptBundles, type TestServer, testServer } from '../support/server.ts';

type World = { ca: TestAuthority; issued: Issued };
const test = suite<World>('connections');
test.before(async (world) => {
  world.ca = await testAuthority();
  world.issued = await world.ca.client('host-1');
});
test.after(({ ca }) => ca.remove());

/** A server of little patience; every connection is ended with it. */
async function withServer(
  { ca }: World,
  limits: Partial<AppLimits>,
  body: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await testServer(ca, { limits });
  await server.enrol('host-1', signerOf(1));
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

async function enter({ ca, issued }: World, { port }: TestServer): Promise<TLSSocket> {
  const { certificate: cert, key } = issued;
  const socket = connect({ port, host: '127.0.0.1', ca: ca.authority.certificate, cert, key });
  await once(socket, 'secureConnect');
  return socket;
}

/** Waits until the server hangs up; what it said. */
async function ended(socket: Socket): Promise<string> {
  let heard = '';
  socket.on('data', (part) => {
    heard += part;
  });
  socket.on('error', () => {}); // as after the end of what it was still writing
  if (!socket.closed) await once(socket, 'close');
  return heard;
}

const HEAD =
  'POST /api/evidence HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n';

const silent: [title: string, say: (socket: Socket) => void, answer: RegExp][] = [
  ['a connection that never asks for anything', () => {}, /^(HTTP\/1\.1 408 .*)?$/s],
  [
    'a body that comes byte by byte',
    (socket) => {
      socket.write(`${HEAD}Content-Length: 1000\r\n\r\n`);
      const drip = setInterval(() => socket.write('-'), 20);
      socket.once('close', () => clearInterval(drip));
    },
    /^(HTTP\/1\.1 408 .*"error":"timeout".*)?$/s,
  ],
  [
    'headers that come byte by byte',
    (socket) => {
      socket.write(HEAD);
      const drip = setInterval(() => socket.write('x'), 20);
      socket.once('close', () => clearInterval(drip));
    },
    /^(HTTP\/1\.1 408 .*"error":"timeout".*)?$/s,
  ],
  [
    'a connection that is idle after its request',
    (socket) => void socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n'),
    /^HTTP\/1\.1 200 /,
  ],
];
for (const [title, say, answer] of silent) {
  test(`${title} is ended`, (world) =>
    withServer(
      world,
      { headerTimeout: 0.3, requestTimeout: 0.6, idleTimeout: 0.3 },
      async (server) => {
        const socket = await enter(world, server);
        say(socket);
        assert.match(await ended(socket), answer);
        assert.equal((await keptBundles(server.store)).kept, []);
      },
    ));
}

test('a connection that never begins TLS is ended', (world) =>
  withServer(world, { headerTimeout: 0.3 }, async ({ port }) => {
    assert.is(await ended(connectTcp({ port, host: '127.0.0.1' })), '');
  }));

test('one connection too many is hung up on, until another goes', (world) =>
  withServer(
    world,
    { maxConnections: 3, headerTimeout: 60, requestTimeout: 60 },
    async (server) => {
      const taken = [];
      for (let count = 0; count < 3; count += 1) taken.push(await enter(world, server));
      const refused = await enter(world, server).catch(({ code }) => code);
      assert.is(refused, 'ECONNRESET');
      const [first] = taken;
      first?.destroy();
      // The server learns of it in its own time.
      const again = async () => {
        for (let turn = 0; turn < 200; turn += 1) {
          const socket = await enter(world, server).catch(() => null);
          if (socket !== null) return socket;
        }
        throw new Error('no place became free');
      };
      (await again()).destroy();
      for (const socket of taken) socket.destroy();
    },
  ));

test('hundreds of idle connections keep nobody waiting', (world) =>
  withServer(
    world,
    { maxConnections: 300, headerTimeout: 60, requestTimeout: 60 },
    async (server) => {
      const idle = [];
      for (let count = 0; count < 200; count += 1) {
        idle.push(connectTcp({ port: server.port, host: '127.0.0.1' }));
      }
      await Promise.all(idle.map((socket) => once(socket, 'connect')));
      const socket = await enter(world, server);
      socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      assert.match(await ended(socket), /^HTTP\/1\.1 200 /);
      for (const one of idle) one.destroy();
    },
  ));

test('a body of 10 MB is refused by its length, and none of it is kept', (world) =>
  withServer(world, {}, async (server) => {
    const { certificate: cert, key } = world.issued;
    const asked = request(`${server.url}/api/evidence`, {
      ...{ method: 'POST', ca: world.ca.authority.certificate, cert, key, agent: false },
      headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-length': 10_000_000 },
    });
    asked.on('error', () => {}); // the server hangs up before all is sent
    asked.write('--b\r\n');
    const [response] = await once(asked, 'response');
    assert.is(response.statusCode, 413);
    asked.destroy();
    assert.equal((await keptBundles(server.store)).kept, []);
  }));

test.run();
