import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Issued } from '../../agent/demo/certificates.ts';
import { type Client, createClient } from '../../agent/src/effects/upload/client.ts';
import { readCertificate } from '../../agent/src/server/http/certificate.ts';
import { catchUp, checkpointSeal } from '../../agent/src/server/log/log.ts';
import { summariseLog } from '../../agent/src/server/standing/summarise.ts';
import type { Json } from '../../agent/src/wire/primitives.ts';
import { type Answered, ask } from '../support/ask.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { type Signed, signedBundle } from '../support/chain.ts';
import { signerOf } from '../support/evidence.ts';
import { failureOf } from '../support/failure.ts';
import { drifted } from '../support/report.ts';
import { NOW, type TestServer, testServer } from '../support/server.ts';
import { stopPostgresql } from '../support/server-stores.ts';

/** host-1 of clinic-1, and Ann, who may see all there is. What is asked comes over real mTLS. */
type World = { ca: TestAuthority; server: TestServer; host: Issued; ann: Issued };
const test = suite<World>('bad-input');
const key = signerOf(1);
const now = NOW.toISOString();

test.before.each(async (world) => {
  world.ca = await testAuthority();
  world.server = await testServer(world.ca);
  await world.server.enrol('host-1', key);
  world.host = await world.ca.client('host-1');
  world.ann = await reader(world, await world.ca.client('ann'));
});
test.after.each(async ({ ca, server }) => {
  await server.close();
  ca.remove();
});

async function reader({ server }: World, issued: Issued): Promise<Issued> {
  const certificate = readCertificate(new X509Certificate(issued.certificate));
  const name = certificate.commonName ?? '';
  const all = { resellers: null, sites: null, certificate, now };
  await server.store.addReader({ name, role: 'operator', ...all });
  return issued;
}
const clientOf = ({ ca, server }: World, issued: Issued, name = 'client'): Promise<Client> =>
  createClient({
    ...{ url: server.url, caFile: ca.caFile, delaysMs: [] },
    ...ca.files(name, issued),
  });
const page = ({ ca, server, ann }: World, path: string, agent?: Agent): Promise<Answered> =>
  ask(`${server.url}${path}`, {
    ...{ ca, issued: ann, headers: { accept: 'text/html' } },
    ...(agent && { agent }),
  });
/** Brings what was sent onto the pages, as the server does by itself every second. */
async function settle({ server: { store, signer } }: World): Promise<void> {
  await catchUp(store, checkpointSeal({ signer, now: () => NOW }));
  await summariseLog(store);
}

const MB = 1024 * 1024;
const large: [route: string, who: 'host' | 'ann' | null, type: string][] = [
  ['/api/evidence', 'host', 'multipart/form-data; boundary=b'],
  ['/api/orders', 'host', 'application/json'],
  ['/sign-in', null, 'application/x-www-form-urlencoded'],
  ['/orders/import', 'ann', 'multipart/form-data; boundary=b'],
];
for (const [route, who, type] of large) {
  test(`10 MB to ${route} are refused before they are read, and the next request is answered`, async (world) => {
    const { ca, server } = world;
    const head = `--b\r\nContent-Disposition: form-data; name="bundle"; filename="b"\r\n\r\n`;
    const body = `${head}${'x'.repeat(10 * MB)}\r\n--b--\r\n`;
    const headers = { 'content-type': type, 'sec-fetch-site': 'same-origin' };
    const issued = who === null ? undefined : world[who];
    // The server may end the connection while the body is still being sent: that is a refusal too.
    const answer = await ask(`${server.url}${route}`, {
      ca,
      issued,
      method: 'POST',
      headers,
      body,
    }).catch((error) => error);
    if (answer instanceof Error)
      assert.match(String(Reflect.get(answer, 'code')), /EPIPE|ECONNRESET/);
    else assert.ok([400, 413].includes(answer.status), String(answer.status));
    assert.is((await ask(`${server.url}/health`, { ca })).status, 200);
    assert.equal(await server.store.orders({ limit: 9 }), []);
  });
}

test('a reader whose certificate has expired gets no answer', async (world) => {
  const expired = await reader(world, await world.ca.expiredClient('old'));
  const answer = await ask(`${world.server.url}/fleet`, { ca: world.ca, issued: expired }).catch(
    () => null,
  );
  assert.is(answer, null);
});

test('two hosts with one key: no second one is enrolled with it', async ({ server: { store } }) => {
  const { keyId, publicKey } = key;
  const second = { hostId: 'host-2', siteId: 'clinic-1', resellerId: null, keyId, publicKey, now };
  assert.equal(await store.enrol({ ...second, replaceKey: false }), { keyOf: 'host-1' });
  assert.equal(await store.enrol({ ...second, replaceKey: true }), { keyOf: 'host-1' });
  assert.is(await store.enrolled('host-2'), null);
});

test('two hosts with one key, as one took the other’s by a rotation: neither speaks for the other', async (world) => {
  const { server, ca } = world;
  const before = signerOf(2);
  await server.enrol('host-2', before);
  const client = await clientOf(world, await ca.client('host-2'), 'host-2');
  const named = ({ keyId, publicKey }: typeof key) => ({
    key_id: keyId,
    public_key: Buffer.from(publicKey).toString('base64'),
  });
  const context = { host_id: 'host-2' };
  const states = { pre_state: named(before), post_state: named(key) };
  const draft = { check: 'key', outcome: 'recorded' as const, ...states };
  const rotation = signedBundle({ signer: before, context, draft });
  assert.is((await client.sendEvidence(rotation)).kind, 'received');
  const ofFirst = signedBundle({ signer: key });
  const refused = await failureOf(client.sendEvidence(ofFirst));
  assert.is(refused?.params.reason, 'other_host');
  const own = signedBundle({ signer: key, context, sequence: 2, previous: rotation.sha256 });
  assert.is((await client.sendEvidence(own)).kind, 'received');
  const counts = (await server.store.hosts()).map(({ host, chains }) => [
    host.hostId,
    chains.reduce((total, { bundles }) => total + bundles, 0),
  ]);
  assert.equal(counts, [
    ['host-1', 0],
    ['host-2', 2],
  ]);
  await client.close();
});

const HTML = `<script>alert("x")</script><img src=x onerror=alert(1)>"'>`;
const SQL = `'; DROP TABLE evidence; --`;

/** Evidence whose every free text is somebody’s attempt; a key that is enrolled has signed it. */
async function sendNasty(world: World): Promise<Signed> {
  const text = `${HTML}${SQL}`;
  const state = drifted('firewall', text);
  const findings = state.findings.map((finding) => ({
    ...finding,
    ...{ subject: text.slice(0, 200), expected: text, actual: { [text]: text }, message: text },
    exception: text.slice(0, 60),
  }));
  const post = { ...state, findings, facts: { [text]: [text] } } as unknown as Json;
  const nasty = signedBundle({
    signer: key,
    draft: {
      ...{ check: 'firewall', post_state: post, pre_state: post, outcome: 'alert' },
      hipaa_controls: [text.slice(0, 60)],
      action_taken: [
        {
          step: 1,
          action: text.slice(0, 60),
          command: text,
          exit_code: 1,
          duration_sec: 1,
          result: 'ok',
        },
      ],
      runbook_id: text.slice(0, 60),
      rollback_generation: text,
    },
    context: { policy_version: text.slice(0, 60), nixos_revision: text.slice(0, 60) },
  });
  const client = await clientOf(world, world.host);
  assert.is((await client.sendEvidence(nasty)).kind, 'received');
  await client.requestOrder({
    request_id: '00000000-0000-4000-9000-000000000001',
    ...{ check: 'patching', runbook_id: 'update', reason: text, bundle_sha256: nasty.sha256 },
  });
  await client.close();
  await settle(world);
  return nasty;
}

test('SQL and HTML in every field of evidence and order are shown as text, and change nothing', async (world) => {
  const { sha256 } = await sendNasty(world);
  const [order] = await world.server.store.orders({ limit: 9 });
  const paths = ['/fleet', '/hosts/host-1', `/hosts/host-1/bundles/${sha256}`];
  for (const path of [...paths, '/orders', `/orders/${order?.orderId}`]) {
    const { status, body } = await page(world, path);
    assert.is(status, 200, path);
    for (const raw of ['<script>alert', '<img src=x', `"'>'; DROP`])
      assert.not.match(body, raw, path);
  }
  const { body } = await page(world, `/hosts/host-1/bundles/${sha256}`);
  assert.match(body, '&lt;script&gt;alert');
  assert.is((await world.server.store.hosts())[0]?.chains[0]?.bundles, 1);
});

const fields = ['q', 'state', 'standing', 'control', 'alarm', 'after', 'rows'];
test('SQL and HTML in every field of an address find nothing and are never markup', async (world) => {
  await sendNasty(world);
  const agent = new Agent({ keepAlive: true });
  for (const path of ['/fleet', '/hosts/host-1', '/orders', '/hosts/host-1/chains/x']) {
    for (const field of [...fields, 'check', 'outcome', 'before', 'to', 'days', 'host']) {
      for (const attempt of [`${HTML}${SQL}' OR '1'='1`, '../../../etc/passwd\u0000']) {
        const asked = `${path}?${field}=${encodeURIComponent(attempt)}`;
        const { status, body } = await page(world, asked, agent);
        assert.ok(status < 500, `${status} ${asked}`);
        for (const raw of ['<script>alert', '<img src=x', 'root:x:0'])
          assert.not.match(body, raw, asked);
      }
    }
  }
  assert.is((await world.server.store.hosts()).length, 1);
  agent.destroy();
});

const tricks = [
  '/hosts/..%2F..%2Fetc%2Fpasswd',
  '/hosts/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '/hosts/host-1%00',
  '/hosts/host-1%0d%0aset-cookie:x=1',
  "/hosts/host-1'%20OR%20'1'='1",
  `/hosts/host-1/bundles/${'..%2F'.repeat(8)}etc%2Fpasswd`,
  '/hosts/host-1/bundles/%3Cscript%3E',
  `/hosts/host-1/bundles/${'A'.repeat(64)}`,
  '/hosts/host-1/chains/..%2F..',
  '/orders/..%2F..%2Fapi%2Fhealth',
  '/assets/..%2F..%2F..%2Fetc%2Fpasswd',
  '/assets/../../../../etc/passwd',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/orders/%',
];
test('path tricks lead nowhere', async (world) => {
  const agent = new Agent({ keepAlive: true });
  for (const path of tricks) {
    const { status, body, headers } = await page(world, path, agent);
    assert.ok(status >= 400 && status < 500, `${path}: ${status}: ${body.slice(0, 200)}`);
    assert.not.match(body, /root:x:0|"name": "compliance-agent"|<script>alert/);
    assert.is(headers['set-cookie'], undefined);
  }
  agent.destroy();
});

test('path tricks of a host find no evidence and no order', async ({ ca, server, host }) => {
  for (const path of [
    '/api/evidence/..%2F..%2Fhealth/proof',
    `/api/evidence/${'0'.repeat(63)}'/proof`,
    '/api/orders/..%2F..%2Fetc%2Fpasswd/status',
    "/api/orders/'%20OR%20'1'='1/status",
    '/api/orders/%00/status',
  ]) {
    const { status } = await ask(`${server.url}${path}`, { ca, issued: host });
    assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
  }
});

const identifiers = [
  '../etc',
  'a/b',
  "a' OR 1=1",
  '<b>',
  'a b',
  '',
  '.hidden',
  'x'.repeat(64),
  'a\u0000b',
];
test('a certificate in the name of a path or of SQL is no host', async (world) => {
  for (const name of identifiers.filter((text) => text !== '' && !text.includes('\u0000'))) {
    const issued = await world.ca.client(name);
    const path = '/api/orders?state=approved';
    const { status, body } = await ask(`${world.server.url}${path}`, { ca: world.ca, issued });
    assert.equal([status, JSON.parse(body).error], [403, 'host_unknown'], name);
  }
});

test.after(stopPostgresql);
test.run();
