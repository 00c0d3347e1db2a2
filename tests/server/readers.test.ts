import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCertificate } from '../../agent/src/server/http/certificate.ts';
import { newToken } from '../../agent/src/server/http/session.ts';
import type { Reader } from '../../agent/src/server/store/readers.ts';
import { type Answered, ask, post } from '../support/ask.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { signerOf } from '../support/evidence.ts';
import { NOW, type TestServer, testServer } from '../support/server.ts';
import { stopPostgresql } from '../support/server-stores.ts';

type World = { ca: TestAuthority; server: TestServer };
const test = suite<World>('readers');
test.before.each(async (world) => {
  world.ca = await testAuthority();
  world.server = await testServer(world.ca);
});
test.after.each(async ({ ca, server }) => {
  await server.close();
  ca.remove();
});

const BEN: Reader = { name: 'ben', role: 'auditor', resellers: null, sites: ['clinic-1'] };
const now = NOW.toISOString();

/** Adds a reader, and gives the certificate that it signs in with. */
async function withCertificate({ ca, server }: World, commonName = 'ben') {
  const issued = await ca.client(commonName);
  const certificate = readCertificate(new X509Certificate(issued.certificate));
  await server.store.addReader({ ...BEN, certificate, now });
  return issued;
}

async function token({ server }: World): Promise<string> {
  await server.store.addReader({ ...BEN, certificate: null, now });
  const { text, sha256, expiresAt } = newToken(NOW);
  await server.store.giveToken({ name: 'ben', sha256, expiresAt, now });
  return text;
}
const signIn = ({ ca, server }: World, text: string, headers = {}) =>
  post(`${server.url}/sign-in`, { ca, fields: { token: text }, headers });
const cookieOf = (answer: Answered): string => answer.headers['set-cookie']?.[0] ?? '';
const who = (
  { ca, server }: World,
  options: { cookie?: string; issued?: Awaited<ReturnType<typeof withCertificate>>; agent?: Agent },
) =>
  ask(`${server.url}/api/reader`, {
    ca,
    issued: options.issued,
    ...(options.agent && { agent: options.agent }),
    headers: options.cookie === undefined ? {} : { cookie: options.cookie.split(';')[0] ?? '' },
  });

test('a reader’s own certificate signs in, until the reader is revoked, on the same connection', async (world) => {
  const issued = await withCertificate(world);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const first = await who(world, { issued, agent });
  assert.equal([first.status, JSON.parse(first.body)], [200, BEN]);
  await world.server.store.revokeReader({ name: 'ben', now });
  assert.is((await who(world, { issued, agent })).status, 401);
  agent.destroy();
});

test('a certificate that was not enrolled is no reader, whatever its name', async (world) => {
  await withCertificate(world);
  assert.is((await who(world, { issued: await world.ca.client('ben') })).status, 401);
});

test('a host is no reader, and a reader no host', async (world) => {
  const { ca, server } = world;
  await server.enrol('host-1', signerOf(1));
  assert.is((await who(world, { issued: await ca.client('host-1') })).status, 401);
  const issued = await withCertificate(world);
  for (const path of ['/api/orders?state=approved', `/api/evidence/${'0'.repeat(64)}/proof`]) {
    const { status, body } = await ask(`${server.url}${path}`, { ca, issued });
    assert.equal([status, JSON.parse(body).error], [403, 'host_unknown'], path);
  }
});

test('a token becomes a session, once', async (world) => {
  const text = await token(world);
  const signedIn = await signIn(world, ` ${text}\n`);
  const cookie = cookieOf(signedIn);
  assert.equal([signedIn.status, signedIn.headers.location], [303, '/']);
  assert.match(
    cookie,
    /^__Host-session=[\w-]{43}; Max-Age=43200; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
  );
  assert.equal(JSON.parse((await who(world, { cookie })).body), BEN);
  const again = await signIn(world, text);
  assert.equal([again.status, again.headers['set-cookie']], [403, undefined]);
  assert.match(again.body, /unknown, used or over/);
});

test('a session ends with its time, with sign-out and with the reader', async (world) => {
  const { ca, server } = world;
  const start = async () => cookieOf(await signIn(world, await token(world)));
  const first = await start();
  server.clock = new Date(NOW.getTime() + 12 * 3600_000);
  assert.is((await who(world, { cookie: first })).status, 401);
  server.clock = NOW;
  const second = await start();
  const headers = { cookie: second.split(';')[0] ?? '' };
  const out = await post(`${server.url}/sign-out`, { ca, headers });
  assert.match(cookieOf(out), /^__Host-session=; Max-Age=0;/);
  assert.is((await who(world, { cookie: second })).status, 401);
  const third = await start();
  assert.is((await who(world, { cookie: third })).status, 200);
  await server.store.revokeReader({ name: 'ben', now });
  assert.is((await who(world, { cookie: third })).status, 401);
});

test('what is stored of tokens and sessions opens nothing', async (world) => {
  const text = await token(world);
  const { sha256 } = newToken(NOW);
  for (const wrong of ['', sha256, `${text}x`, "' OR '1' = '1", '<script>alert(1)</script>']) {
    const answer = await signIn(world, wrong);
    assert.is(answer.status, 403, wrong);
    assert.not.match(answer.body, /<script>|OR '1'/);
  }
  for (const cookie of ['__Host-session=', `__Host-session=${sha256}`, `session=${text}`]) {
    assert.is((await who(world, { cookie })).status, 401, cookie);
  }
});

test('another site’s page signs nobody in or out', async (world) => {
  const { ca, server } = world;
  const host = new URL(server.url).host;
  const text = await token(world);
  const fields = { token: text };
  const from: [headers: Record<string, string>, status: number][] = [
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: server.url }, 403],
    [{ origin: 'https://elsewhere.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: `http://${host}` }, 403],
    [{}, 403],
    [{ origin: `https://${host}` }, 303],
  ];
  for (const [headers, status] of from) {
    const answer = await ask(`${server.url}/sign-in`, {
      ca,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: String(new URLSearchParams(fields)),
    });
    assert.is(answer.status, status, JSON.stringify(headers));
  }
});

test('who is not signed in sees the form, and a program is told', async ({ ca, server }) => {
  const headers = { accept: 'text/html,*/*' };
  const page = await ask(`${server.url}/api/reader`, { ca, headers });
  assert.equal([page.status, page.headers.location], [303, '/sign-in']);
  const form = await ask(`${server.url}/sign-in`, { ca });
  assert.match(form.body, /<form method="post" action="\/sign-in">/);
  assert.match(String(form.headers['content-security-policy']), /^default-src 'none';/);
  assert.is(form.headers['cache-control'], 'no-store');
  const told = await ask(`${server.url}/api/reader`, { ca });
  assert.equal([told.status, JSON.parse(told.body).error], [401, 'not_signed_in']);
});

test.after(stopPostgresql);
test.run();
