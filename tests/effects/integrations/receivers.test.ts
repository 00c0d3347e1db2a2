import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Server } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Sink } from '../../../agent/src/effects/integrations/sink.ts';
import { createSyslog } from '../../../agent/src/effects/integrations/syslog.ts';
import { createWebhook } from '../../../agent/src/effects/integrations/webhook.ts';
import { type Notice, WEBHOOK_HEADERS } from '../../../agent/src/wire/notice.ts';
import { type TestAuthority, testAuthority } from '../../support/ca.ts';
import { failureOf } from '../../support/failure.ts';
import { portOf } from '../../support/local.ts';
import { NOTICE } from '../../support/notice.ts';

const test = suite<{ ca: TestAuthority; tls: { key: string; cert: string } }>('receivers');
test.before(async (world) => {
  world.ca = await testAuthority();
  const { certificate, key } = await world.ca.server();
  world.tls = { cert: certificate, key };
});
test.after(({ ca }) => ca.remove());

const signal = new AbortController().signal;
type Got = { headers: Record<string, string | string[] | undefined>; body: string; url: string };

/** An HTTPS server that answers each request with the next status, and a webhook to it. */
async function withWebhook(
  { ca, tls }: { ca: TestAuthority; tls: { key: string; cert: string } },
  {
    statuses = [204],
    trust = true,
    timeoutMs = 5000,
  }: { statuses?: number[]; trust?: boolean; timeoutMs?: number },
  body: (webhook: Sink, got: Got[]) => Promise<void>,
): Promise<void> {
  const got: Got[] = [];
  const server = createHttps(tls, async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    got.push({ headers: request.headers, body: text, url: request.url ?? '' });
    const status = statuses.shift() ?? 204;
    if (status === 0) return; // hangs
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {});
    response.end('an answer that nobody reads'.repeat(10_000));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const webhook = createWebhook({
    url: `https://127.0.0.1:${portOf(server)}/rmm?tenant=7`,
    secretFile: ca.file('secret', 'a shared secret\n'),
    caFile: trust ? ca.caFile : undefined,
    timeoutMs,
  });
  try {
    await body(webhook, got);
  } finally {
    await webhook.close();
    server.closeAllConnections();
    server.close();
  }
}

test('a webhook gets JSON, signed as the README says', (world) =>
  withWebhook(world, {}, async (webhook, got) => {
    await webhook.send(NOTICE, signal);
    const [{ headers, body, url } = { headers: {}, body: '', url: '' }] = got;
    assert.is(url, '/rmm?tenant=7');
    assert.is(headers['content-type'], 'application/json');
    assert.equal(JSON.parse(body), NOTICE);
    assert.is(headers[WEBHOOK_HEADERS.delivery], NOTICE.bundle_id);
    const timestamp = String(headers[WEBHOOK_HEADERS.timestamp]);
    assert.match(timestamp, /^\d{10}$/);
    const mac = createHmac('sha256', 'a shared secret')
      .update(`${timestamp}.${body}`)
      .digest('hex');
    assert.is(headers[WEBHOOK_HEADERS.signature], `sha256=${mac}`);
  }));

for (const [status, code] of [
  [500, 'unreachable'],
  [429, 'unreachable'],
  [403, 'rejected'],
  [302, 'rejected'],
] as const) {
  test(`a webhook that answers ${status} has not taken the notice: ${code}`, (world) =>
    withWebhook(world, { statuses: [status] }, async (webhook, got) => {
      const failure = await failureOf(webhook.send(NOTICE, signal));
      assert.equal([failure?.code, failure?.params.status], [code, status]);
      assert.is(got.length, 1, 'a redirection is not followed');
    }));
}

test('a webhook of another authority is not told anything', (world) =>
  withWebhook(world, { trust: false }, async (webhook, got) => {
    assert.is((await failureOf(webhook.send(NOTICE, signal)))?.code, 'rejected');
    assert.is(got.length, 0);
  }));

test('a webhook that hangs is given up', (world) =>
  withWebhook(world, { statuses: [0], timeoutMs: 200 }, async (webhook) => {
    assert.is((await failureOf(webhook.send(NOTICE, signal)))?.code, 'timeout');
  }));

test('a secret that others can read is refused, and nothing is sent', (world) =>
  withWebhook(world, {}, async (webhook, got) => {
    chmodSync(join(world.ca.folder, 'secret'), 0o644);
    const error = await webhook.send(NOTICE, signal).then(
      () => null,
      (thrown: Error) => thrown,
    );
    assert.match(error?.message ?? '', /mode 0644/);
    writeFileSync(join(world.ca.folder, 'secret'), '\n');
    chmodSync(join(world.ca.folder, 'secret'), 0o600);
    const empty = await webhook.send(NOTICE, signal).then(
      () => null,
      (thrown: Error) => thrown,
    );
    assert.match(empty?.message ?? '', /expected a secret/);
    assert.is(got.length, 0);
  }));

const notices = (count: number): Notice[] =>
  Array.from({ length: count }, (_, at) => ({ ...NOTICE, sequence: at + 1 }));

/** Reads octet-counted messages (RFC 6587) as a receiver does. */
function countedMessages(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.subarray(at, space).toString());
    if (space < 0 || space + 1 + length > bytes.length) break;
    messages.push(bytes.subarray(space + 1, space + 1 + length).toString());
    at = space + 1 + length;
  }
  return messages;
}

test('syslog over UDP: one message a datagram', async () => {
  const receiver = createSocket('udp4');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const syslog = createSyslog({ target: `udp://127.0.0.1:${receiver.address().port}` });
  const message = once(receiver, 'message');
  await syslog.send(NOTICE, signal);
  assert.match(
    String((await message)[0]),
    /^<107>1 .* compliance-agent \d+ firewall \[compliance@/,
  );
  await syslog.close();
  receiver.close();
});

for (const kind of ['tcp', 'tls'] as const) {
  test(`syslog over ${kind}: counted octets, one connection, and a new one after it was cut`, async ({
    ca,
    tls,
  }) => {
    const received: Buffer[] = [];
    let connections = 0;
    const onSocket = (socket: import('node:net').Socket) => {
      connections += 1;
      socket.on('error', () => {});
      socket.on('data', (part: Buffer) => {
        received.push(part);
        if (countedMessages(Buffer.concat(received)).length === 3) socket.end();
      });
    };
    const server: Server = kind === 'tcp' ? createTcp(onSocket) : createTls(tls, onSocket);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const target = `${kind}://127.0.0.1:${portOf(server)}`;
    const syslog = createSyslog({ target, caFile: kind === 'tls' ? ca.caFile : undefined });
    for (const notice of notices(3)) await syslog.send(notice, signal);
    while (countedMessages(Buffer.concat(received)).length < 3) await turn();
    await turn(50); // the receiver's end has come
    await syslog.send({ ...NOTICE, sequence: 4 }, signal);
    while (countedMessages(Buffer.concat(received)).length < 4) await turn();
    const numbers = countedMessages(Buffer.concat(received)).map(
      (message) => /sequence="(\d+)"/.exec(message)?.[1],
    );
    assert.equal(numbers, ['1', '2', '3', '4']);
    assert.is(connections, 2);
    await syslog.close();
    server.close();
  });
}

test('syslog over TLS to another authority is not told anything', async ({ tls }) => {
  const server = createTls(tls);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const syslog = createSyslog({ target: `tls://127.0.0.1:${portOf(server)}` });
  assert.is((await failureOf(syslog.send(NOTICE, signal)))?.code, 'rejected');
  await syslog.close();
  server.close();
});

test('a syslog receiver that is not there is unreachable', async () => {
  const server = createTcp();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  const syslog = createSyslog({ target: `tcp://127.0.0.1:${port}` });
  assert.is((await failureOf(syslog.send(NOTICE, signal)))?.code, 'unreachable');
});

function turn(ms = 5): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test.run();
