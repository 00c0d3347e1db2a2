import { X509Certificate } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Issued } from '../../agent/demo/certificates.ts';
import { sealEnvelope } from '../../agent/src/core/envelope.ts';
import { readCertificate } from '../../agent/src/server/http/certificate.ts';
import { OrderDraft, orderPayload } from '../../agent/src/server/orders/draft.ts';
import type { Reader } from '../../agent/src/server/store/readers.ts';
import { type Answered, ask, post } from '../support/ask.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { signerOf } from '../support/evidence.ts';
import { NOW, OPERATOR, type TestServer, testServer } from '../support/server.ts';
import { stopPostgresql } from '../support/server-stores.ts';

type World = { ca: TestAuthority; server: TestServer; ann: Issued; ben: Issued; eve: Issued };
const test = suite<World>('order-actions');
const now = NOW.toISOString();
const ORDER = '00000000-0000-4000-8000-000000000001';

/** Ann is the operator of clinic-1, Ben its auditor, Eve the operator of another. */
test.before.each(async (world) => {
  world.ca = await testAuthority();
  world.server = await testServer(world.ca);
  await world.server.enrol('host-1', signerOf(1));
  await requestOrder(world, {});
  const add = async (name: string, role: Reader['role'], site: string) => {
    const issued = await world.ca.client(name);
    const certificate = readCertificate(new X509Certificate(issued.certificate));
    const scope = { resellers: null, sites: [site] };
    await world.server.store.addReader({ name, role, ...scope, certificate, now });
    return issued;
  };
  world.ann = await add('ann', 'operator', 'clinic-1');
  world.ben = await add('ben', 'auditor', 'clinic-1');
  world.eve = await add('eve', 'operator', 'clinic-2');
});
test.after.each(async ({ ca, server }) => {
  await server.close();
  ca.remove();
});

const requestOrder = ({ server }: World, { orderId = ORDER, reason = 'behind' }) =>
  server.store.requestOrder({
    ...{ hostId: 'host-1', siteId: 'clinic-1', orderId, now, maxOpen: 9 },
    request: {
      ...{ request_id: orderId, check: 'patching', runbook_id: 'update', reason },
      bundle_sha256: null,
    },
  });
const act = ({ ca, server }: World, issued: Issued, path: string) =>
  post(`${server.url}${path}`, { ca, issued });

/** Uploads a file as a page's form does. */
function upload({ ca, server }: World, issued: Issued, text: string): Promise<Answered> {
  const body = `--b\r\nContent-Disposition: form-data; name="order"; filename="order.json"\r\nContent-Type: application/json\r\n\r\n${text}\r\n--b--\r\n`;
  const headers = {
    'content-type': 'multipart/form-data; boundary=b',
    'sec-fetch-site': 'same-origin',
  };
  return ask(`${server.url}/orders/import`, { ca, issued, method: 'POST', headers, body });
}

/** What an operator makes of a draft on a machine of their own. */
function sign(draft: string, change: object = {}, signer = OPERATOR): string {
  const nonce = '0123456789abcdef0123456789abcdef';
  const payload = orderPayload(OrderDraft.parse(JSON.parse(draft)), { nonce, now: NOW, ttl: 600 });
  return JSON.stringify(sealEnvelope({ ...payload, ...change } as typeof payload, signer));
}
const history = async ({ server }: World, orderId = ORDER) =>
  (await server.store.orderEvents(orderId)).map(({ what, by }) => `${what} ${by.kind} ${by.name}`);
const errorOf = ({ status, body }: Answered) => [status, JSON.parse(body).error];

test('an operator exports a request, signs it elsewhere and imports it', async (world) => {
  const draft = await act(world, world.ann, `/orders/${ORDER}/export`);
  assert.is(draft.status, 200);
  assert.match(
    String(draft.headers['content-disposition']),
    /^attachment; filename="order-[\w-]+\.draft\.json"$/,
  );
  const imported = await upload(world, world.ann, sign(draft.body));
  assert.equal([imported.status, imported.headers.location], [303, `/orders/${ORDER}`]);
  assert.is((await world.server.store.order(ORDER))?.state, 'approved');
  assert.equal(await history(world), [
    'requested host host-1',
    'exported reader ann',
    'approved reader ann',
  ]);
  assert.equal(errorOf(await upload(world, world.ann, sign(draft.body))), [422, 'order_refused']);
});

test('an operator rejects a request, once', async (world) => {
  const { status, headers } = await act(world, world.ann, `/orders/${ORDER}/reject`);
  assert.equal([status, headers.location], [303, `/orders/${ORDER}`]);
  assert.equal(errorOf(await act(world, world.ann, `/orders/${ORDER}/reject`)), [
    409,
    'order_state',
  ]);
  assert.equal(errorOf(await act(world, world.ann, `/orders/${ORDER}/export`)), [
    409,
    'order_state',
  ]);
  assert.equal(await history(world), ['requested host host-1', 'rejected reader ann']);
});

test('nobody approves what has expired', async (world) => {
  const { body } = await act(world, world.ann, `/orders/${ORDER}/export`);
  world.server.clock = new Date(NOW.getTime() + 3600_000);
  assert.equal(errorOf(await upload(world, world.ann, sign(body))), [422, 'order_refused']);
  assert.is((await history(world)).at(-1), 'expired time null');
});

test('an auditor may do none of it, and changes nothing', async (world) => {
  const { body } = await act(world, world.ann, `/orders/${ORDER}/export`);
  for (const action of ['export', 'reject']) {
    const answer = await act(world, world.ben, `/orders/${ORDER}/${action}`);
    assert.equal(errorOf(answer), [403, 'read_only'], action);
  }
  assert.equal(errorOf(await upload(world, world.ben, sign(body))), [403, 'read_only']);
  assert.equal(await history(world), ['requested host host-1', 'exported reader ann']);
});

test('another site’s operator finds no such order, signed or not', async (world) => {
  const { body } = await act(world, world.ann, `/orders/${ORDER}/export`);
  for (const action of ['export', 'reject']) {
    const answer = await act(world, world.eve, `/orders/${ORDER}/${action}`);
    const absent = await act(world, world.eve, `/orders/${ORDER.replace('1', '2')}/${action}`);
    assert.equal([answer.status, answer.body], [404, absent.body], action);
  }
  const answer = await upload(world, world.eve, sign(body));
  assert.equal(errorOf(answer), [422, 'order_refused']);
  assert.match(answer.body, /no such order/);
  assert.is((await world.server.store.order(ORDER))?.state, 'requested');
});

test('a host asks and fetches, and approves nothing', async (world) => {
  const host = await world.ca.client('host-1');
  for (const path of [`/orders/${ORDER}/export`, `/orders/${ORDER}/reject`]) {
    assert.equal(errorOf(await act(world, host, path)), [401, 'not_signed_in'], path);
  }
  assert.equal(errorOf(await upload(world, host, '{}')), [401, 'not_signed_in']);
});

const draftOf = (change: object) =>
  JSON.stringify({
    type: 'compliance-agent/order-draft/v1',
    ...{ order_id: ORDER, host_id: 'host-1', site_id: 'clinic-1', runbook_id: 'update' },
    ...{ params: {}, sequence: 1, check: 'patching', reason: 'behind', bundle_sha256: null },
    requested_at: now,
    ...change,
  });
const imports: [title: string, file: (world: World) => string, status: number][] = [
  ['nothing', () => '', 400],
  ['text', () => "'; DROP TABLE orders; --", 400],
  ['another document', () => '{"payload":"<script>alert(1)</script>"}', 422],
  ['an order of another key', () => sign(draftOf({}), {}, signerOf(6)), 422],
  ['the server’s own signature', ({ server }) => sign(draftOf({}), {}, server.signer), 422],
  ['an order for another host', () => sign(draftOf({ host_id: 'host-2' })), 422],
  ['an order for another site', () => sign(draftOf({ site_id: 'clinic-2' })), 422],
  ['another runbook', () => sign(draftOf({ runbook_id: 'wipe' })), 422],
  ['another number', () => sign(draftOf({ sequence: 2 })), 422],
  ['an id with SQL', () => sign(draftOf({}), { order_id: "' OR '1'='1" }), 422],
  ['a host with a path', () => sign(draftOf({}), { host_id: '../../etc/passwd' }), 422],
  [
    'a runbook with HTML',
    () => sign(draftOf({}), { runbook_id: '<img src=x onerror=alert(1)>' }),
    422,
  ],
  ['an order of 10 MB', () => JSON.stringify({ payload: 'A'.repeat(10_000_000) }), 400],
];
for (const [title, file, status] of imports) {
  test(`${title} is not imported`, async (world) => {
    await act(world, world.ann, `/orders/${ORDER}/export`);
    const answer = await upload(world, world.ann, file(world));
    assert.is(answer.status, status, answer.body);
    assert.not.match(answer.body, /<(script|img)/);
    assert.is((await world.server.store.order(ORDER))?.state, 'requested');
    assert.is((await world.server.store.order(ORDER))?.envelope, null);
  });
}

test('identifiers in addresses are ids or nothing', async (world) => {
  const ids: [string, number][] = [
    ["'%20OR%20'1'%3D'1", 404],
    ['..%2F..%2Fimport', 404],
    ['%3Cscript%3E', 404],
    [`${ORDER}%00`, 400], // no address holds a NUL
  ];
  for (const [id, expected] of ids) {
    const { status, body } = await act(world, world.ann, `/orders/${id}/export`);
    assert.is(status, expected, id);
    assert.not.match(body, /script|OR|passwd/);
  }
});

test('a reason with SQL and HTML is kept as it is and changes nothing else', async (world) => {
  const reason = `'); DROP TABLE orders; -- <script>alert("x")</script>\u0000`.replace(
    '\u0000',
    '',
  );
  const orderId = ORDER.replace(/1$/, '3');
  await requestOrder(world, { orderId, reason });
  const { body } = await act(world, world.ann, `/orders/${orderId}/export`);
  assert.is(JSON.parse(body).reason, reason);
  assert.is((await world.server.store.orders({ limit: 9 })).length, 2);
});

test('another site’s page moves no order', async ({ ca, server, ann }) => {
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
  const answer = await post(`${server.url}/orders/${ORDER}/reject`, { ca, issued: ann, headers });
  assert.equal(errorOf(answer), [403, 'other_origin']);
  assert.is((await server.store.order(ORDER))?.state, 'requested');
});

test.after(stopPostgresql);
test.run();
