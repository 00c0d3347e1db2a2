import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createVerifier } from '../../agent/src/core/ed25519.ts';
import { sealEnvelope } from '../../agent/src/core/envelope.ts';
import { type Client, createClient } from '../../agent/src/effects/upload/client.ts';
import { approveOrder } from '../../agent/src/server/orders/approve.ts';
import { draftOrder, orderPayload } from '../../agent/src/server/orders/draft.ts';
import { COMMAND } from '../../agent/src/server/store/order-events.ts';
import type { Order } from '../../agent/src/server/store/store.ts';
import { RECEIPT_TYPE } from '../../agent/src/wire/envelope.ts';
import type { Outcome } from '../../agent/src/wire/evidence.ts';
import type { OrderRequest } from '../../agent/src/wire/routes.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { type Signed, signedChain } from '../support/chain.ts';
import { signerOf } from '../support/evidence.ts';
import { failureOf } from '../support/failure.ts';
import { LIMITS, NOW, type TestServer, testServer } from '../support/server.ts';
import { stopPostgresql } from '../support/server-stores.ts';

type World = { ca: TestAuthority; server: TestServer; client: Client };
const test = suite<World>('orders');
const key = signerOf(1);
const operator = signerOf(5);

test.before.each(async (world) => {
  world.ca = await testAuthority();
  world.server = await testServer(world.ca);
  await world.server.enrol('host-1', key);
  world.client = await clientOf(world, 'host-1');
});
test.after.each(async ({ ca, server, client }) => {
  await client.close();
  await server.close();
  ca.remove();
});

const clientOf = async ({ ca, server }: World, hostId: string) =>
  createClient({
    url: server.url,
    caFile: ca.caFile,
    ...ca.files(hostId, await ca.client(hostId)),
    delaysMs: [],
  });

const reasonOf = async (work: Promise<unknown>) => (await failureOf(work))?.params.reason;

let requests = 0;
function request(change: Partial<OrderRequest> = {}): OrderRequest {
  requests += 1;
  return {
    request_id: `00000000-0000-4000-9000-${String(requests).padStart(12, '0')}`,
    check: 'patching',
    runbook_id: 'update_to_baseline_generation',
    reason: 'the running system is not the accepted one',
    bundle_sha256: 'a'.repeat(64),
    ...change,
  };
}

const NONCE = '0123456789abcdef0123456789abcdef';

/** What an operator makes of a request, signed; `change` is laid over what is signed. */
async function sign({ server }: World, orderId: string, change: object = {}, signer = operator) {
  const exported = { orderId, by: COMMAND, now: NOW.toISOString() };
  const order = (await server.store.exportOrder(exported)) as Order;
  const payload = orderPayload(draftOrder(order), { nonce: NONCE, now: NOW, ttl: 600 });
  return sealEnvelope({ ...payload, ...change } as typeof payload, signer);
}

async function approve({ server }: World, envelope: unknown, now = NOW) {
  const operators = [createVerifier(operator.publicKey)];
  return approveOrder({ store: server.store, envelope, operators, by: COMMAND, now });
}

test('the same request is the same order, however often it is made', async ({ client }) => {
  const asked = request();
  const [first, ...others] = await Promise.all(
    Array.from({ length: 5 }, () => client.requestOrder(asked)),
  );
  assert.is(first?.state, 'requested');
  for (const other of others) assert.equal(other, first);
  assert.not.equal((await client.requestOrder(request())).order_id, first?.order_id);
});

test('a signed order waits for its host, exactly as it was signed', async (world) => {
  const { order_id: orderId } = await world.client.requestOrder(request());
  assert.equal(await world.client.approvedOrders(), []);
  const envelope = await sign(world, orderId);
  assert.is((await approve(world, envelope)).state, 'approved');
  const [order] = await world.client.approvedOrders();
  assert.equal([order?.order_id, order?.state, order?.order], [orderId, 'approved', envelope]);
});

test('a host neither sees nor asks about the orders of another', async (world) => {
  await world.server.enrol('host-2', signerOf(2));
  const other = await clientOf(world, 'host-2');
  const { order_id: orderId } = await world.client.requestOrder(request());
  await approve(world, await sign(world, orderId));
  assert.equal(await other.approvedOrders(), []);
  assert.is(await reasonOf(other.orderStatus(orderId)), 'order_unknown');
  await other.close();
});

test('numbers rise by host, and an order keeps the one it has', async (world) => {
  await world.server.enrol('host-2', signerOf(2));
  const other = await clientOf(world, 'host-2');
  const numberOf = async (orderId: string) =>
    (await world.server.store.exportOrder({ orderId, by: COMMAND, now: NOW.toISOString() }))
      ?.sequence;
  const [first, second] = [
    await world.client.requestOrder(request()),
    await world.client.requestOrder(request()),
  ];
  const elsewhere = await other.requestOrder(request());
  const ids = [second, first, elsewhere, second].map(({ order_id }) => order_id);
  const numbers = [];
  for (const id of ids) numbers.push(await numberOf(id));
  assert.equal(numbers, [1, 2, 1, 1]);
  await other.close();
});

const stranger = signerOf(6);
const refused: [title: string, reason: string, change: object, signer?: typeof operator][] = [
  ['by a key that is not an operator’s', 'unknown key', {}, stranger],
  ['of another type', 'payload', { type: RECEIPT_TYPE }],
  ['for another host', 'another host_id', { host_id: 'host-2' }],
  ['for another site', 'another site_id', { site_id: 'clinic-2' }],
  ['for another runbook', 'another runbook_id', { runbook_id: 'run_backup_job' }],
  ['with another number', 'another sequence', { sequence: 9 }],
  [
    'for a request that nobody made',
    'no such order',
    { order_id: '11111111-1111-4111-8111-111111111111' },
  ],
  ['whose time is over', 'order', { issued_at: '2026-11-22T09:50:00.000Z' }],
];
for (const [title, reason, change, signer] of refused) {
  test(`an order ${title} is not taken in`, async (world) => {
    const { order_id: orderId } = await world.client.requestOrder(request());
    const envelope = await sign(world, orderId, change, signer);
    assert.is(await reasonOf(approve(world, envelope)), reason);
    assert.equal(await world.client.approvedOrders(), []);
  });
}

test('an order is taken in once', async (world) => {
  const { order_id: orderId } = await world.client.requestOrder(request());
  const envelope = await sign(world, orderId);
  await approve(world, envelope);
  assert.is(await reasonOf(approve(world, envelope)), 'order is approved');
});

test('an approved order expires with its own time, a request with the server’s', async (world) => {
  const { client, server } = world;
  const { order_id: approved } = await client.requestOrder(request());
  await approve(world, await sign(world, approved));
  const { order_id: requested } = await client.requestOrder(request());
  const stateAt = async (seconds: number, orderId: string) => {
    server.clock = new Date(NOW.getTime() + seconds * 1000);
    return (await client.orderStatus(orderId)).state;
  };
  assert.is(await stateAt(599, approved), 'approved');
  assert.is(await stateAt(600, approved), 'expired');
  assert.equal(await client.approvedOrders(), []);
  assert.is(await stateAt(LIMITS.orderRequestTtl - 1, requested), 'requested');
  assert.is(await stateAt(LIMITS.orderRequestTtl, requested), 'expired');
});

const outcomes: [outcome: Outcome, state: string][] = [
  ['success', 'done'],
  ['failed', 'failed'],
  ['reverted', 'failed'],
  ['rejected', 'failed'],
  ['expired', 'expired'],
  ['deferred', 'approved'],
];
for (const [outcome, state] of outcomes) {
  test(`evidence of ${outcome} makes an order ${state}`, async (world) => {
    const { order_id: orderId } = await world.client.requestOrder(request());
    await approve(world, await sign(world, orderId));
    const draft = { check: 'patching', outcome, order_id: orderId };
    const [bundle] = signedChain({ signer: key, length: 1, draft });
    await world.client.sendEvidence(bundle as Signed);
    assert.is((await world.client.orderStatus(orderId)).state, state);
  });
}

test('evidence of another host about an order changes nothing', async (world) => {
  const thief = signerOf(2);
  await world.server.enrol('host-2', thief);
  const other = await clientOf(world, 'host-2');
  const { order_id: orderId } = await world.client.requestOrder(request());
  await approve(world, await sign(world, orderId));
  const draft = { outcome: 'success' as const, order_id: orderId };
  const [bundle] = signedChain({ signer: thief, length: 1, draft, context: { host_id: 'host-2' } });
  await other.sendEvidence(bundle as Signed);
  assert.is((await world.client.orderStatus(orderId)).state, 'approved');
  await other.close();
});

test('a host may have so many requests open and no more', async ({ client }) => {
  for (let count = 0; count < 64; count += 1) await client.requestOrder(request());
  assert.is(await reasonOf(client.requestOrder(request())), 'too_many_requests');
});

const malformed: [title: string, change: object, reason: string][] = [
  ['without a request id', { request_id: undefined }, 'field_malformed'],
  ['with a runbook that is a command', { runbook_id: 'rm -rf /' }, 'field_malformed'],
  ['with a field too many', { host_id: 'host-2' }, 'field_malformed'],
  ['with a NUL in its reason', { reason: 'a\u0000b' }, 'field_malformed'],
  ['too long', { reason: 'x'.repeat(20_000) }, 'too_large'],
];
for (const [title, change, reason] of malformed) {
  test(`a request ${title} is refused`, async ({ client }) => {
    assert.is(await reasonOf(client.requestOrder(request(change))), reason);
  });
}

test('an order that is unknown is 404', async ({ client }) => {
  assert.is(
    await reasonOf(client.orderStatus('11111111-1111-4111-8111-111111111111')),
    'order_unknown',
  );
});

test.after(stopPostgresql);
test.run();
