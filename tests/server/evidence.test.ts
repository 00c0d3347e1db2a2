import { once } from 'node:events';
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Issued } from '../../agent/demo/certificates.ts';
import { createVerifier } from '../../agent/src/core/ed25519.ts';
import { openEnvelope } from '../../agent/src/core/envelope.ts';
import { type Client, createClient } from '../../agent/src/effects/upload/client.ts';
import { HeadPayload, ReceiptPayload } from '../../agent/src/wire/envelope.ts';
import { MAX_BUNDLE_BYTES } from '../../agent/src/wire/evidence.ts';
import { ErrorAnswer } from '../../agent/src/wire/routes.ts';
import { ask } from '../support/ask.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { CHAIN, type Signed, signedBundle, signedChain } from '../support/chain.ts';
import { signerOf } from '../support/evidence.ts';
import { failureOf } from '../support/failure.ts';
import { keptBundles, NOW, type TestServer, testServer } from '../support/server.ts';
import { stopPostgresql } from '../support/server-stores.ts';

type World = { ca: TestAuthority; server: TestServer; issued: Issued; client: Client };
const test = suite<World>('evidence');
const key = signerOf(1);

test.before.each(async (world) => {
  world.ca = await testAuthority();
  world.server = await testServer(world.ca);
  await world.server.enrol('host-1', key);
  world.issued = await world.ca.client('host-1');
  world.client = await clientOf(world, world.issued);
});
test.after.each(async ({ ca, server, client }) => {
  await client.close();
  await server.close();
  ca.remove();
});

const clientOf = ({ ca, server }: World, issued: Issued) =>
  createClient({ url: server.url, caFile: ca.caFile, ...ca.files('client', issued), delaysMs: [] });

type Answer = { status: number; error: string; field: string | undefined };

/** Sends a body as it is, and reads the refusal. */
async function post(
  { ca, server, issued }: World,
  body: string | Buffer,
  headers: Record<string, string | number>,
): Promise<Answer> {
  const asked = request(`${server.url}/api/evidence`, {
    method: 'POST',
    ca: ca.authority.certificate,
    cert: issued.certificate,
    key: issued.key,
    agent: false,
    headers,
  });
  asked.on('error', () => undefined); // the server may end the connection before all is sent
  asked.end(body);
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const part of response) text += part;
  const { error, field } = ErrorAnswer.parse(JSON.parse(text));
  return { status: response.statusCode, error, field };
}

type Part = [name: string, contents: string | Buffer, filename?: string | null];

function form(parts: readonly Part[], end = '--b--\r\n'): Buffer {
  return Buffer.concat([
    ...parts.flatMap(([name, contents, filename = 'file']) => [
      Buffer.from(
        `--b\r\nContent-Disposition: form-data; name="${name}"${filename === null ? '' : `; filename="${filename}"`}\r\nContent-Type: application/json\r\n\r\n`,
      ),
      Buffer.from(contents),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(end),
  ]);
}
const MULTIPART = { 'content-type': 'multipart/form-data; boundary=b' };

test('a bundle gets a receipt that the server signed, and again the same one', async ({
  server,
  client,
}) => {
  const bundle = signedBundle({ signer: key });
  const sent = await client.sendEvidence(bundle);
  assert.is(sent.kind, 'received');
  const opened = openEnvelope(sent.receipt, {
    verifiers: [createVerifier(server.signer.publicKey)],
    schema: ReceiptPayload,
  });
  assert.equal(opened.payload, {
    type: 'compliance-agent/receipt/v1',
    host_id: 'host-1',
    chain_id: CHAIN,
    sequence: 1,
    bundle_sha256: bundle.sha256,
    received_at: NOW.toISOString(),
    fork: false,
  });
  server.clock = new Date('2026-11-23T10:00:00.000Z');
  assert.equal(await client.sendEvidence(bundle), sent);
});

test('what is stored are the exact bytes and the exact signature', async ({ server, client }) => {
  const bundle = signedBundle({ signer: key });
  await client.sendEvidence(bundle);
  const page = { hostId: 'host-1', chainId: CHAIN, after: null, limit: 9 };
  const [stored] = await server.store.bundles(page);
  assert.is(Buffer.from(stored?.bytes ?? []).equals(bundle.bytes), true);
  assert.is(Buffer.from(stored?.signature ?? []).toString('base64'), bundle.signature.trim());
});

test('the same bundle ten times at once is one row and one receipt', async ({ server, client }) => {
  const bundle = signedBundle({ signer: key });
  const sent = await Promise.all(Array.from({ length: 10 }, () => client.sendEvidence(bundle)));
  assert.is(new Set(sent.map((answer) => JSON.stringify(answer))).size, 1);
  assert.is((await keptBundles(server.store)).kept.length, 1);
});

test('a fork is kept and answered with the head that the server holds', async ({
  server,
  client,
}) => {
  const chain = signedChain({ signer: key, length: 3 });
  for (const bundle of chain) await client.sendEvidence(bundle);
  const sent = await client.sendEvidence(
    signedChain({ signer: key, length: 1, after: chain[0] as Signed })[0] as Signed,
  );
  assert.is(sent.kind, 'fork');
  const verifiers = [createVerifier(server.signer.publicKey)];
  const head = 'head' in sent && openEnvelope(sent.head, { verifiers, schema: HeadPayload });
  assert.ok(head);
  assert.is(head.payload.sequence, 3);
  assert.is(head.payload.bundle_sha256, chain[2]?.sha256);
  assert.is(openEnvelope(sent.receipt, { verifiers, schema: ReceiptPayload }).payload.fork, true);
  assert.is((await keptBundles(server.store)).forks.length, 1);
});

const good = signedBundle({ signer: key });
const bare = Buffer.from('{"a":1}');
const sign = (bytes: Buffer) => Buffer.from(key.sign(bytes)).toString('base64');
const reseal = (change: object): Part[] => {
  const bytes = Buffer.from(JSON.stringify({ ...JSON.parse(good.bytes.toString()), ...change }));
  return [
    ['bundle', bytes],
    ['signature', sign(bytes)],
  ];
};
const bundlePart: Part = ['bundle', good.bytes];
const signaturePart: Part = ['signature', good.signature];

type Malformed = [title: string, parts: Part[], status: number, error: string, field?: string];
const malformed: Malformed[] = [
  ['no part', [], 400, 'part_missing', 'bundle'],
  ['no bundle', [signaturePart], 400, 'part_missing', 'bundle'],
  ['no signature', [bundlePart], 400, 'part_missing', 'signature'],
  ['two bundles', [bundlePart, bundlePart], 400, 'part_twice', 'bundle'],
  ['two signatures', [signaturePart, signaturePart], 400, 'part_twice', 'signature'],
  ['a third part', [bundlePart, signaturePart, ['note', 'x']], 400, 'too_many_parts'],
  ['another field', [bundlePart, ['sig', good.signature]], 400, 'unknown_part', 'sig'],
  ['a field named __proto__', [bundlePart, ['__proto__', 'x']], 400, 'unknown_part', '__proto__'],
  [
    'a bundle too long',
    [['bundle', Buffer.alloc(MAX_BUNDLE_BYTES + 1)], signaturePart],
    413,
    'too_large',
    'bundle',
  ],
  ['an empty signature', [bundlePart, ['signature', '']], 400, 'signature_malformed', 'signature'],
  [
    'a signature that is no base64',
    [bundlePart, ['signature', 'ä'.repeat(44)]],
    400,
    'signature_malformed',
    'signature',
  ],
  [
    'a signature too short',
    [bundlePart, ['signature', 'AAAA']],
    400,
    'signature_malformed',
    'signature',
  ],
  ['a signature of other bytes', [['bundle', bare], signaturePart], 422, 'signature', 'signature'],
  [
    'one altered byte',
    [['bundle', Buffer.concat([good.bytes, Buffer.from(' ')])], signaturePart],
    422,
    'signature',
    'signature',
  ],
  [
    'unsigned bytes that are no JSON',
    [['bundle', '{'], signaturePart],
    422,
    'signature',
    'signature',
  ],
  [
    'signed bytes that are no JSON',
    [
      ['bundle', '{'],
      ['signature', sign(Buffer.from('{'))],
    ],
    422,
    'bundle_malformed',
    'bundle',
  ],
  [
    'signed JSON that is no bundle',
    [
      ['bundle', bare],
      ['signature', sign(bare)],
    ],
    422,
    'bundle_malformed',
    'type',
  ],
  ['another type', reseal({ type: 'compliance-agent/order/v1' }), 422, 'bundle_malformed', 'type'],
  ['a field too many', reseal({ patient: 'x' }), 422, 'bundle_malformed', 'patient'],
  ['another host', reseal({ host_id: 'host-2' }), 422, 'other_host', 'host_id'],
  ['another key’s id', reseal({ key_id: '0'.repeat(64) }), 422, 'bundle_malformed', 'key_id'],
  [
    'a first bundle that follows one',
    reseal({ previous_digest: 'a'.repeat(64) }),
    422,
    'chain_malformed',
    'previous_digest',
  ],
  [
    'a later bundle that follows none',
    reseal({ sequence: 2 }),
    422,
    'chain_malformed',
    'previous_digest',
  ],
];
for (const [title, parts, status, error, field] of malformed) {
  test(`${title}: ${status} ${error}`, async (world) => {
    const body = form(parts);
    const answer = await post(world, body, { ...MULTIPART, 'content-length': body.length });
    assert.equal(answer, { status, error, field });
    assert.equal((await keptBundles(world.server.store)).kept, []);
  });
}

test('parts without a file name are taken as exact bytes too', async (world) => {
  const body = form([
    ['signature', good.signature, null],
    ['bundle', Buffer.from('{"a": 1}'), null],
  ]);
  const answer = await post(world, body, { ...MULTIPART, 'content-length': body.length });
  assert.equal(answer, { status: 422, error: 'signature', field: 'signature' });
});

const bodies: [
  title: string,
  body: Buffer | string,
  headers: Record<string, string | number>,
  status: number,
  error: string,
][] = [
  ['a body that is no form', '{}', { 'content-type': 'application/json' }, 415, 'not_multipart'],
  ['a body of an unknown type', 'x', { 'content-type': 'text/csv' }, 415, 'media_type'],
  ['no body', '', {}, 415, 'not_multipart'],
  [
    'a form without a boundary',
    form([bundlePart]),
    { 'content-type': 'multipart/form-data' },
    400,
    'form_malformed',
  ],
  [
    'a form with another boundary',
    form([bundlePart]),
    { 'content-type': 'multipart/form-data; boundary=c' },
    400,
    'form_malformed',
  ],
  ['a form cut short', form([bundlePart], ''), MULTIPART, 400, 'form_malformed'],
  [
    'an unstated length',
    form([bundlePart, signaturePart]),
    { ...MULTIPART, 'transfer-encoding': 'chunked' },
    411,
    'length_required',
  ],
  [
    'a length beyond all bounds',
    'x',
    { ...MULTIPART, 'content-length': 10 ** 9 },
    413,
    'too_large',
  ],
];
for (const [title, body, headers, status, error] of bodies) {
  test(`${title}: ${status} ${error}`, async (world) => {
    const length =
      'content-length' in headers || 'transfer-encoding' in headers
        ? {}
        : { 'content-length': Buffer.byteLength(body) };
    const answer = await post(world, body, { ...headers, ...length });
    assert.equal([answer.status, answer.error], [status, error]);
  });
}

/** Says something on a TLS connection of its own and reads until the server ends it. */
async function talk(
  { ca, server, issued }: World,
  say: (socket: TLSSocket) => void,
): Promise<string> {
  const socket = connect({
    port: server.port,
    host: '127.0.0.1',
    ca: ca.authority.certificate,
    cert: issued.certificate,
    key: issued.key,
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  let heard = '';
  socket.on('data', (part) => {
    heard += part;
  });
  say(socket);
  if (!socket.closed) await once(socket, 'close');
  return heard;
}

test('what is not HTTP is told so', async (world) => {
  const heard = await talk(world, (socket) => socket.write('HELO clinic\r\n\r\n'));
  assert.match(heard, /^HTTP\/1\.1 400 .*"error":"bad_request"/s);
});

test('headers without end are told so', async (world) => {
  const heard = await talk(world, (socket) =>
    socket.write(`GET /health HTTP/1.1\r\n${'x-more: yes\r\n'.repeat(4096)}`),
  );
  assert.match(heard, /^HTTP\/1\.1 431 .*"error":"too_large"/s);
});

/** A server that waits less than a second for anything. */
async function impatient(world: World, body: (world: World) => Promise<void>): Promise<void> {
  const server = await testServer(world.ca, {
    limits: { headerTimeout: 0.4, requestTimeout: 0.8 },
  });
  await server.enrol('host-1', key);
  await body({ ...world, server });
  await server.close();
}

test('a request that never ends is ended, and stores nothing', (outer) =>
  impatient(outer, async (world) => {
    const head = `POST /api/evidence HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9999\r\n\r\n`;
    const heard = await talk(world, (socket) => {
      socket.write(head);
      socket.write(form([bundlePart, signaturePart], ''));
    });
    assert.match(heard, /^(HTTP\/1\.1 408 .*"error":"timeout".*)?$/s);
    assert.equal((await keptBundles(world.server.store)).kept, []);
  }));

test('headers that never end are ended', (outer) =>
  impatient(outer, async (world) => {
    const heard = await talk(world, (socket) =>
      socket.write('GET /health HTTP/1.1\r\nHost: x\r\n'),
    );
    assert.match(heard, /^HTTP\/1\.1 408 .*"error":"timeout"/s);
  }));

test('a connection dropped in the middle of a body harms nobody', async (world) => {
  const whole = form([bundlePart, signaturePart]);
  await talk(world, (socket) => {
    socket.write(
      `POST /api/evidence HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${whole.length}\r\n\r\n`,
    );
    socket.write(whole.subarray(0, whole.length - 40), () => socket.destroy());
  });
  assert.equal((await keptBundles(world.server.store)).kept, []);
  assert.is((await world.client.sendEvidence(good)).kind, 'received');
});

const strangers: [title: string, state: string, reason: string][] = [
  ['a host that is not enrolled', 'unknown', 'host_unknown'],
  ['a revoked host', 'revoked', 'host_revoked'],
  ['a retired host', 'retired', 'host_retired'],
];
for (const [title, state, reason] of strangers) {
  test(`${title} is refused, whatever it asks`, async (world) => {
    const { server, client } = world;
    if (state === 'revoked' || state === 'retired') {
      await server.store.setHostState({ hostId: 'host-1', state, now: NOW.toISOString() });
    }
    const asking =
      state === 'unknown' ? await clientOf(world, await world.ca.client('host-9')) : client;
    const refused = { code: 'rejected' as const, params: { status: 403, reason } };
    assert.equal(await failureOf(asking.sendEvidence(good)), refused);
    assert.equal(await failureOf(asking.approvedOrders()), refused);
    assert.equal(
      await failureOf(asking.orderStatus('7d9f1a52-5c1e-4a0e-9d55-2f5f6c1c9a10')),
      refused,
    );
    assert.is((await asking.health()).status, 'ok');
    if (asking !== client) await asking.close();
  });
}

const turnedAway: [title: string, issue: (world: World) => Promise<Issued>][] = [
  [
    'a certificate of another authority',
    async () => {
      const other = await testAuthority('Another authority');
      other.remove();
      return other.client('host-1');
    },
  ],
  ['an expired certificate', ({ ca }) => ca.expiredClient('host-1')],
];
for (const [title, issue] of turnedAway) {
  test(`${title} gets no answer at all`, async (world) => {
    const client = await clientOf(world, await issue(world));
    assert.is((await failureOf(client.health()))?.code, 'unreachable');
    await client.close();
  });
}

test('a server’s own certificate does not speak for a host', async (world) => {
  const client = await clientOf(world, await world.ca.authority.issueServer({ names: ['host-1'] }));
  assert.is((await failureOf(client.sendEvidence(good)))?.code, 'unreachable');
  await client.close();
});

test('without a certificate there is liveness and no evidence', async ({ ca, server }) => {
  for (const [path, status] of [
    ['/health', 200],
    [`/api/evidence/${good.sha256}/proof`, 403],
    ['/api/orders?state=approved', 403],
    ['/api/log/consistency?first=0', 403],
    ['/api/reader', 401],
  ] as const) {
    assert.is((await ask(`${server.url}${path}`, { ca })).status, status, path);
  }
});

test('an unknown route is 404 in our words', async (world) => {
  const { ca, server, issued } = world;
  const asked = request(`${server.url}/api/patients`, {
    ca: ca.authority.certificate,
    cert: issued.certificate,
    key: issued.key,
    agent: false,
  });
  asked.end();
  const [response] = await once(asked, 'response');
  assert.is(response.statusCode, 404);
  response.destroy();
});

test.after(stopPostgresql);
test.run();
