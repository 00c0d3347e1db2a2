import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Issued } from '../../agent/demo/certificates.ts';
import { nginxConfig } from '../../agent/demo/nginx.ts';
import { createApp } from '../../agent/src/server/http/app.ts';
import {
  CERTIFICATE_HEADER,
  readCertificate,
  VERIFIED_HEADER,
} from '../../agent/src/server/http/certificate.ts';
import { listenForProxy } from '../../agent/src/server/http/listen.ts';
import { newToken } from '../../agent/src/server/http/session.ts';
import { takeEvidence } from '../../agent/src/server/intake/intake.ts';
import { ask } from '../support/ask.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { type Signed, signedBundle } from '../support/chain.ts';
import { signerOf } from '../support/evidence.ts';
import { LIMITS, NOW, type TestServer, testServer } from '../support/server.ts';
import { testWith } from '../support/suite.ts';

type World = {
  ca: TestAuthority;
  /** Direct TLS, and beside it the same store behind a socket. */
  server: TestServer;
  behind: FastifyInstance;
  folder: string;
  socket: string;
  bundle: Signed;
  one: Issued;
  two: Issued;
};

const key = signerOf(1);
const proofPath = ({ bundle }: World) => `/api/evidence/${bundle.sha256}/proof`;
/** What a client may claim of itself. */
const claim = ({ certificate }: Issued) => ({
  [VERIFIED_HEADER]: 'SUCCESS',
  [CERTIFICATE_HEADER]: encodeURIComponent(certificate),
});

/** Two hosts, of which host-1 sent a bundle: its proof is for host-1 alone, and so tells who is believed to ask. */
async function withWorld(body: (world: World) => Promise<void>): Promise<void> {
  const ca = await testAuthority();
  const server = await testServer(ca);
  await server.enrol('host-1', key);
  await server.enrol('host-2', signerOf(2));
  const bundle = signedBundle({ signer: key });
  const { store, signer } = server;
  const { keys = [] } = (await store.enrolled('host-1')) ?? {};
  await takeEvidence({ store, signer, keys, hostId: 'host-1', now: NOW, ...bundle });
  const folder = mkdtempSync(join(tmpdir(), 'compliance-proxy-'));
  const socket = join(folder, 'server.sock');
  const behind = await createApp({
    ...{ store, signer, now: () => NOW, tls: null, limits: LIMITS, modules: '' },
    operators: () => [],
  });
  await listenForProxy(behind, socket);
  const [one, two] = await Promise.all([ca.client('host-1'), ca.client('host-2')]);
  try {
    await body({ ca, server, behind, folder, socket, bundle, one, two });
  } finally {
    behind.server.closeAllConnections();
    await behind.close();
    await server.close();
    ca.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

const https = async (
  { ca }: World,
  url: string,
  { issued, headers = {}, agent }: { issued?: Issued; headers?: object; agent?: Agent },
): Promise<number> => {
  const identity = issued && { cert: issued.certificate, key: issued.key };
  const asked = request(url, {
    ca: ca.authority.certificate,
    ...identity,
    headers: { ...headers },
    agent: agent ?? false,
  });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
};
const bySocket = async (world: World, headers: Record<string, string>): Promise<number> => {
  const asked = plainRequest({ socketPath: world.socket, path: proofPath(world), headers });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
};

test('over TLS a header says nothing: the certificate of the connection does', () =>
  withWorld(async (world) => {
    const url = `${world.server.url}${proofPath(world)}`;
    assert.is(await https(world, url, { issued: world.one }), 200);
    assert.is(await https(world, url, { issued: world.two }), 404);
    assert.is(await https(world, url, { issued: world.two, headers: claim(world.one) }), 404);
  }));

test('the socket is for its owner and group, and takes only what a proxy verified', () =>
  withWorld(async (world) => {
    assert.is(statSync(world.socket).mode & 0o777, 0o660);
    assert.is(await bySocket(world, claim(world.one)), 200);
    assert.is(await bySocket(world, claim(world.two)), 404);
    const unverified: Record<string, string>[] = [
      {},
      { ...claim(world.one), [VERIFIED_HEADER]: 'NONE' },
      { ...claim(world.one), [VERIFIED_HEADER]: 'FAILED:expired' },
      { [CERTIFICATE_HEADER]: encodeURIComponent(world.one.certificate) },
      { [VERIFIED_HEADER]: 'SUCCESS' },
      { [VERIFIED_HEADER]: 'SUCCESS', [CERTIFICATE_HEADER]: 'host-1' },
      { [VERIFIED_HEADER]: 'SUCCESS', [CERTIFICATE_HEADER]: '%E0%A4%A' },
    ];
    for (const headers of unverified) {
      assert.is(await bySocket(world, headers), 403, JSON.stringify(headers));
    }
  }));

test('a revoked host is refused at its next request, on the connection that it has', () =>
  withWorld(async (world) => {
    const url = `${world.server.url}${proofPath(world)}`;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    assert.is(await https(world, url, { issued: world.one, agent }), 200);
    const now = NOW.toISOString();
    await world.server.store.setHostState({ hostId: 'host-1', state: 'revoked', now });
    assert.is(await https(world, url, { issued: world.one, agent }), 403);
    assert.is(await bySocket(world, claim(world.one)), 403);
    agent.destroy();
  }));

test('a resumed TLS session is still that of its host', () =>
  withWorld(async (world) => {
    const first = await connectOnce(world, undefined);
    const again = await connectOnce(world, first.session);
    assert.equal([first.reused, again.reused], [false, true]);
    assert.equal([first.status, again.status], ['200', '200']);
  }));

/** Asks for the proof on a new connection that may resume a session. */
async function connectOnce(world: World, session: Buffer | undefined) {
  const { ca, server, one } = world;
  const identity = { cert: one.certificate, key: one.key, ca: ca.authority.certificate };
  const socket: TLSSocket = connect({
    ...identity,
    host: '127.0.0.1',
    port: server.port,
    ...(session && { session }),
  });
  let ticket: Buffer | undefined;
  socket.on('session', (fresh: Buffer) => {
    ticket = fresh;
  });
  await once(socket, 'secureConnect');
  const reused = socket.isSessionReused();
  socket.write(`GET ${proofPath(world)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const part of socket) text += part;
  return { reused, status: text.split(' ')[1], session: ticket };
}

const nginx = { tools: ['nginx'] };

testWith(nginx, 'NGINX lets in who has a certificate, and says who it is over any claim', () =>
  withWorld(async (world) => {
    const url = await startNginx(world);
    try {
      const at = `${url}${proofPath(world)}`;
      assert.is(await https(world, at, { issued: world.one }), 200);
      assert.is(await https(world, at, { issued: world.two }), 404);
      assert.is(await https(world, at, { issued: world.two, headers: claim(world.one) }), 404);
      assert.is(await https(world, at, {}), 403, 'no certificate');
      assert.is(await https(world, at, { headers: claim(world.one) }), 403);
      assert.is(await https(world, `${url}/health`, {}), 200);
      const expired = await world.ca.expiredClient('host-1');
      assert.is(await https(world, at, { issued: expired }), 400);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      assert.is(await https(world, at, { issued: world.one, agent }), 200);
      const now = NOW.toISOString();
      await world.server.store.setHostState({ hostId: 'host-1', state: 'revoked', now });
      assert.is(await https(world, at, { issued: world.one, agent }), 403);
      agent.destroy();
      await readersCome(world, url);
    } finally {
      await stopNginx();
    }
  }),
);

/** A reader signs in through NGINX by its certificate, and by a token from a form of this very address. */
async function readersCome({ ca, server }: World, url: string): Promise<void> {
  const now = NOW.toISOString();
  const issued = await ca.client('ann');
  const certificate = readCertificate(new X509Certificate(issued.certificate));
  const ann = { name: 'ann', role: 'auditor', resellers: null, sites: null } as const;
  await server.store.addReader({ ...ann, certificate, now });
  const { text, sha256, expiresAt } = newToken(NOW);
  await server.store.giveToken({ name: 'ann', sha256, expiresAt, now });
  const who = async (options: { issued?: Issued; headers?: Record<string, string> }) =>
    (await ask(`${url}/api/reader`, { ca, ...options })).status;
  assert.equal([await who({}), await who({ headers: claim(issued) })], [401, 401]);
  assert.equal([await who({ issued }), await who({ issued: await ca.client('ann') })], [200, 401]);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: url };
  const body = `token=${text}`;
  const signedIn = await ask(`${url}/sign-in`, { ca, method: 'POST', headers, body });
  const cookie = String(signedIn.headers['set-cookie']?.[0]).split(';')[0] ?? '';
  assert.is(await who({ headers: { cookie } }), 200);
  await server.store.revokeReader({ name: 'ann', now });
  assert.equal([await who({ issued }), await who({ headers: { cookie } })], [401, 401]);
}

let running: ChildProcess | undefined;

async function startNginx({ ca, folder, socket }: World): Promise<string> {
  const port = await freePort();
  const files = ca.files('nginx', await ca.server());
  const tls = { ca: ca.caFile, cert: files.certFile, key: files.keyFile };
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig({ folder, port, sockets: [socket], tls }));
  const path = `${process.env['PATH']}:/usr/sbin`;
  running = spawn('nginx', ['-c', config, '-e', join(folder, 'error.log')], {
    env: { ...process.env, PATH: path },
    stdio: 'inherit',
  });
  for (;;) {
    const probe = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    const reached = await once(probe, 'secureConnect').then(
      () => true,
      () => false,
    );
    probe.destroy();
    if (reached) return `https://127.0.0.1:${port}`;
    if (running.exitCode !== null) throw new Error('NGINX ended');
    await pause(20);
  }
}

async function stopNginx(): Promise<void> {
  running?.kill('SIGTERM');
  if (running?.exitCode === null) await once(running, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test.run();
