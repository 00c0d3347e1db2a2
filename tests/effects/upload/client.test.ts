import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ClientOptions, createClient } from '../../../agent/src/effects/upload/client.ts';
import { drainQueue } from '../../../agent/src/effects/upload/drain.ts';
import { type TestAuthority, testAuthority } from '../../support/ca.ts';
import { CONTEXT, draftOf } from '../../support/evidence.ts';
import { failureOf } from '../../support/failure.ts';
import { storeIn, withStateDir } from '../../support/stores.ts';

/** A server on loopback that demands a certificate of the authority and then does as it is told. */
async function listen(options: ServerOptions, answer: RequestListener): Promise<Server> {
  const server = createServer({ requestCert: true, rejectUnauthorized: true, ...options }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const addressOf = (server: Server) => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

const stop = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const HEALTH = JSON.stringify({ status: 'ok', version: '1', time: '2026-11-22T09:00:00.000Z' });
const say =
  (status: number, body: string): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
const refuse = (error: string) => JSON.stringify({ error, message: 'No.' });

const test = suite<{ ca: TestAuthority; base: Omit<ClientOptions, 'url'>; tls: ServerOptions }>(
  'client',
);

test.before(async (context) => {
  const ca = await testAuthority();
  context.ca = ca;
  const { certificate: cert, key } = await ca.server();
  context.tls = { ca: ca.authority.certificate, cert, key };
  context.base = { caFile: ca.caFile, ...ca.files('host-1', await ca.client('host-1')) };
});
test.after(({ ca }) => ca.remove());

/** Asks for `health` once, unless `options` say otherwise. */
async function ask(
  { base, tls }: { base: Omit<ClientOptions, 'url'>; tls: ServerOptions },
  answer: RequestListener,
  options: Partial<ClientOptions> = {},
) {
  const server = await listen(tls, answer);
  const client = await createClient({ ...base, url: addressOf(server), delaysMs: [], ...options });
  try {
    return await failureOf(client.health());
  } finally {
    await client.close();
    await stop(server);
  }
}

const withoutEnd: RequestListener = (_request, response) => {
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(4096)));
  };
  response.on('drain', more);
  more();
};
const nowAndThen: RequestListener = (_request, response) => {
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};

type Case = [title: string, answer: RequestListener, code: string | null, params?: object];
const cases: Case[] = [
  ['a healthy server is healthy', say(200, HEALTH), null],
  ['a server that never answers is a timeout', () => undefined, 'timeout', { limit: 300 }],
  ['a server that sends a byte now and then is a timeout', nowAndThen, 'timeout', { limit: 300 }],
  ['a server that sends without end is too large', withoutEnd, 'too_large', { limit: 8192 }],
  [
    'headers without end are too large',
    (request) => {
      request.socket.write(`HTTP/1.1 200 OK\r\n${'x-more: yes\r\n'.repeat(4096)}`);
    },
    'too_large',
    { limit: 8192 },
  ],
  [
    'a connection that drops before the answer is unreachable',
    (request) => request.socket.destroy(),
    'unreachable',
  ],
  [
    'a connection that drops in the middle of the answer is unreachable',
    (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => response.destroy());
    },
    'unreachable',
  ],
  [
    'an answer that is not JSON is malformed',
    say(200, '<html>'),
    'malformed',
    { status: 200, where: '/health' },
  ],
  [
    'an answer of another form is malformed',
    say(200, '{"status":"ok"}'),
    'malformed',
    { status: 200, where: '/health' },
  ],
  [
    'what is not HTTP is malformed',
    (request) => request.socket.end('220 mail.example ESMTP\r\n'),
    'malformed',
  ],
  ['a redirect is not followed', say(302, ''), 'malformed', { status: 302 }],
  [
    'a refusal carries the server’s code',
    say(403, refuse('host_revoked')),
    'rejected',
    { status: 403, reason: 'host_revoked' },
  ],
  [
    'a refusal without a code carries its status',
    say(404, 'nothing here'),
    'rejected',
    { status: 404 },
  ],
  [
    'a code that is no word is left out',
    say(403, refuse('<b>no</b>')),
    'rejected',
    { status: 403 },
  ],
  [
    'an overloaded server may be asked again',
    say(503, refuse('overloaded')),
    'unreachable',
    { status: 503, reason: 'overloaded' },
  ],
];
/** Short only where the time is to run out: a busy machine takes its own for everything else. */
const patience = (code: string | null) => (code === 'timeout' ? 300 : 30_000);

for (const [title, answer, code, params] of cases) {
  test(title, async (context) => {
    const failure = await ask(context, answer, { timeoutMs: patience(code), maxAnswerBytes: 8192 });
    assert.is(failure?.code ?? null, code);
    if (params !== undefined) assert.equal(failure?.params, params);
  });
}

for (const [title, answer, code] of [
  ['sends without end', withoutEnd, 'too_large'],
  ['sends a byte now and then', nowAndThen, 'timeout'],
  ['never answers', () => undefined, 'timeout'],
] as [string, RequestListener, string][]) {
  test(`evidence stays queued where the server ${title}`, ({ base, tls }) =>
    withStateDir(async (stateDir) => {
      const server = await listen(tls, answer);
      const store = storeIn(stateDir);
      const { sha256 } = store.append(draftOf(), CONTEXT);
      const client = await createClient({
        ...{ ...base, url: addressOf(server), delaysMs: [] },
        ...{ timeoutMs: patience(code), maxAnswerBytes: 8192 },
      });
      const at = { now: new Date('2026-11-22T09:30:00.000Z'), sinceBootMs: 0 };
      const failures: string[] = [];
      try {
        const { uploaded, failed } = await drainQueue({
          queue: {
            due: store.queue.due,
            contents: store.queue.contents,
            markUploaded: store.queue.markUploaded,
            settle: store.queue.settle,
            markFailed: (name, fate) => {
              failures.push(fate.failure.code);
              store.queue.markFailed(name, fate);
            },
          },
          client,
          receiptKeys: null,
          moment: () => at,
          jitter: () => 0,
        });
        assert.equal({ uploaded, failed, failures }, { uploaded: 0, failed: 1, failures: [code] });
        assert.is(store.queue.metrics(at.now).pending, 1);
        assert.ok(store.queue.contents(sha256).bytes.length > 0);
      } finally {
        await client.close();
        store.close();
        await stop(server);
      }
    }));
}

test('what may pass is repeated after 1 s, 2 s and 4 s with up to a quarter more', async (context) => {
  const slept: number[] = [];
  let asked = 0;
  const failure = await ask(
    context,
    (request, response) => {
      asked += 1;
      say(asked < 4 ? 503 : 200, asked < 4 ? refuse('overloaded') : HEALTH)(request, response);
    },
    {
      delaysMs: [1000, 2000, 4000],
      random: () => 0.5,
      sleep: async (ms) => void slept.push(ms),
    },
  );
  assert.is(failure, null);
  assert.equal(slept, [1125, 2250, 4500]);
});

test('what will not pass is not repeated', async (context) => {
  let asked = 0;
  const failure = await ask(
    context,
    (request, response) => {
      asked += 1;
      say(400, refuse('bad_bundle'))(request, response);
    },
    { delaysMs: [1000], sleep: async () => assert.unreachable('slept') },
  );
  assert.is(failure?.code, 'rejected');
  assert.is(asked, 1);
});

test('who asks once hears at once what may pass', async ({ base, tls }) => {
  let asked = 0;
  const server = await listen(tls, (request, response) => {
    asked += 1;
    say(503, refuse('busy'))(request, response);
  });
  const sleep = async () => assert.unreachable('slept');
  const client = await createClient({ ...base, url: addressOf(server), delaysMs: [1000], sleep });
  const failure = await failureOf(client.health({ once: true }));
  assert.is(failure?.code, 'unreachable');
  assert.is(asked, 1);
  await client.close();
  await stop(server);
});

test('connections are kept and shared', async ({ base, tls }) => {
  const server = await listen(tls, say(200, HEALTH));
  let connections = 0;
  server.on('secureConnection', () => {
    connections += 1;
  });
  const client = await createClient({ ...base, url: addressOf(server), connections: 2 });
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(Array.from({ length: 6 }, () => client.health()));
  }
  assert.is(connections, 2);
  await client.close();
  await stop(server);
});

test('a signal ends a request at once and for good', async ({ base, tls }) => {
  const controller = new AbortController();
  const server = await listen(tls, () => controller.abort());
  const client = await createClient({ ...base, url: addressOf(server) });
  const interrupted = { code: 'interrupted', params: {} };
  assert.equal(await failureOf(client.health({ signal: controller.signal })), interrupted);
  assert.equal(await failureOf(client.health({ signal: controller.signal })), interrupted);
  await client.close();
  await stop(server);
});

test('a server with a certificate of another authority is rejected', async ({ base, tls }) => {
  const other = await testAuthority('Another authority');
  const { certificate: cert, key } = await other.server();
  const failure = await ask({ base, tls: { ...tls, cert, key } }, say(200, HEALTH));
  assert.is(failure?.code, 'rejected');
  assert.match(failure?.params.reason ?? '', /^server certificate UNABLE_TO_/);
  other.remove();
});

test('a server whose certificate has expired is expired', async ({ ca, base, tls }) => {
  const { certificate: cert, key } = await ca.expiredServer();
  const failure = await ask({ base, tls: { ...tls, cert, key } }, say(200, HEALTH));
  assert.equal(failure, { code: 'expired', params: { reason: 'server certificate' } });
});

test('a server whose certificate is for another name is rejected', async ({ ca, base, tls }) => {
  const { certificate: cert, key } = await ca.authority.issueServer({
    names: ['elsewhere.example'],
  });
  const failure = await ask({ base, tls: { ...tls, cert, key } }, say(200, HEALTH));
  assert.is(failure?.params.reason, 'server certificate ERR_TLS_CERT_ALTNAME_INVALID');
});

test('a client of another authority gets no answer', async ({ base, tls }) => {
  const other = await testAuthority('Another authority');
  const files = other.files('host-1', await other.client('host-1'));
  const failure = await ask({ base: { ...base, ...files }, tls }, say(200, HEALTH));
  assert.is(failure?.code, 'unreachable');
  other.remove();
});

test('an expired client certificate gets no answer, and is known to have expired', async ({
  ca,
  base,
  tls,
}) => {
  const files = ca.files('expired', await ca.expiredClient('host-1'));
  assert.is(
    (await ask({ base: { ...base, ...files }, tls }, say(200, HEALTH)))?.code,
    'unreachable',
  );
  const client = await createClient({ ...base, ...files, url: 'https://127.0.0.1:1' });
  assert.is(client.certificateExpiry(new Date()).state, 'expired');
  await client.close();
});

test('the end of our certificate is reported thirty days ahead', async ({ ca, base }) => {
  const notAfter = new Date('2027-06-30T12:00:00.000Z');
  const issued = await ca.authority.issueClient({ commonName: 'host-1', notAfter });
  const client = await createClient({
    ...base,
    ...ca.files('ending', issued),
    url: 'https://127.0.0.1:1',
  });
  const at = (time: string) => {
    const { state, daysLeft } = client.certificateExpiry(new Date(time));
    return [state, daysLeft];
  };
  assert.equal(at('2027-05-31T11:59:59.999Z'), ['valid', 30]);
  assert.equal(at('2027-05-31T12:00:00.000Z'), ['expiring', 30]);
  assert.equal(at('2027-06-30T11:00:00.000Z'), ['expiring', 0]);
  assert.equal(at('2027-06-30T12:00:00.000Z'), ['expired', 0]);
  await client.close();
});

test('TLS files that are missing or wrong are named before anything is sent', async ({
  ca,
  base,
}) => {
  const client = (files: Partial<ClientOptions>) =>
    failureOf(createClient({ ...base, url: 'https://127.0.0.1:1', ...files }));
  const path = `${ca.folder}/none.crt`;
  assert.equal(await client({ certFile: path }), {
    code: 'absent',
    params: { errno: 'ENOENT', path },
  });
  assert.is((await client({ certFile: ca.file('bad.crt', 'no') }))?.code, 'malformed');
  const other = ca.files('other', await ca.client('other'));
  assert.equal(await client({ keyFile: other.keyFile }), {
    code: 'malformed',
    params: { reason: 'TLS files' },
  });
});

test.run();
