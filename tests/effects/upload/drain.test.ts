import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSigner, createVerifier } from '../../../agent/src/core/ed25519.ts';
import { sealEnvelope } from '../../../agent/src/core/envelope.ts';
import type { Sent } from '../../../agent/src/effects/upload/client.ts';
import { drainQueue } from '../../../agent/src/effects/upload/drain.ts';
import { sha256Hex } from '../../../agent/src/wire/canonical.ts';
import { type Envelope, RECEIPT_TYPE } from '../../../agent/src/wire/envelope.ts';
import {
  type FailureCode,
  FailureError,
  type FailureParams,
} from '../../../agent/src/wire/failure.ts';

const now = new Date('2026-11-22T09:00:00.000Z');
const server = createSigner(new Uint8Array(32).fill(7));
const receiptKeys = [createVerifier(server.publicKey)];
const head = { payload: 'aGVhZA==', signature: '', key_id: '' } as Envelope;

const bytesOf = (entry: number) => Buffer.from([entry]);
const receiptFor = (entry: number, signer = server): Envelope =>
  sealEnvelope(
    {
      type: RECEIPT_TYPE,
      host_id: 'host-1',
      chain_id: '7d9f1a52-5c1e-4a0e-9d55-2f5f6c1c9a10',
      sequence: entry,
      bundle_sha256: sha256Hex(bytesOf(entry)),
      received_at: now.toISOString(),
      fork: false,
    },
    signer,
  );
const received = (entry: number): Sent => ({ kind: 'received', receipt: receiptFor(entry) });

type Drainable = Parameters<typeof drainQueue>[0]['queue'];

/** A queue of bundles 1 … `size` that remembers what became of each. */
function queueOf(size: number) {
  const fate = new Map<string, string>();
  const queue: Drainable = {
    due: () =>
      Array.from({ length: size }, (_, index) => ({
        sha256: String(index + 1),
        size: 1,
        enqueued_at: 0,
        tries: 0,
      })),
    contents: (name) => ({ bytes: bytesOf(Number(name)), signature: '' }),
    markUploaded: (received) => {
      for (const { sha256 } of received) fate.set(sha256, 'uploaded');
    },
    settle: async () => {},
    markFailed: (name, { failure }) => void fate.set(name, failure.code),
  };
  return { queue, fate };
}

const fails = (code: FailureCode, params: FailureParams = {}) => {
  throw new FailureError(code, params);
};

async function drain(
  size: number,
  answer: (entry: number) => Sent | Promise<Sent>,
  options: { concurrency?: number; signal?: AbortSignal } = {},
) {
  const { queue, fate } = queueOf(size);
  const order: number[] = [];
  const drained = await drainQueue({
    queue,
    client: {
      sendEvidence: async ({ bytes }) => {
        order.push(bytes[0] ?? 0);
        return answer(bytes[0] ?? 0);
      },
    },
    receiptKeys,
    moment: () => ({ now, sinceBootMs: 0 }),
    jitter: () => 0,
    ...options,
  });
  return { drained, fate: Object.fromEntries(fate), order };
}

const clear = { failed: 0, left: 0, fork: null, outage: null };

test('everything due is uploaded, begun in chain order', async () => {
  const { drained, order } = await drain(20, received);
  assert.equal(drained, { ...clear, uploaded: 20 });
  assert.equal(
    order,
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

test('no more than the given number are under way at once', async () => {
  let under = 0;
  let most = 0;
  await drain(
    12,
    async (entry) => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setImmediate(resolve));
      under -= 1;
      return received(entry);
    },
    { concurrency: 3 },
  );
  assert.is(most, 3);
});

test('a bundle that is refused fails alone', async () => {
  const { drained, fate } = await drain(3, (entry) =>
    entry === 2 ? fails('rejected', { status: 422 }) : received(entry),
  );
  assert.equal(drained, { ...clear, uploaded: 2, failed: 1 });
  assert.equal(fate, { 1: 'uploaded', 2: 'rejected', 3: 'uploaded' });
});

const outages: [title: string, code: FailureCode, params: FailureParams][] = [
  ['a server out of reach', 'unreachable', { status: 503 }],
  ['a server that hangs', 'timeout', {}],
  ['a server whose certificate has expired', 'expired', {}],
  ['a server that we do not trust', 'rejected', { reason: 'server certificate' }],
  ['a server whose answer has no end', 'too_large', { limit: 1024 }],
  ['what is no control server', 'malformed', { reason: 'not HTTP' }],
  ['a server that does not know this host', 'rejected', { status: 403, reason: 'host_unknown' }],
];
for (const [title, code, params] of outages) {
  test(`${title} costs one try, not one of each`, async () => {
    const { drained, fate } = await drain(9, () => fails(code, params), { concurrency: 1 });
    assert.equal(drained, { ...clear, uploaded: 0, failed: 1, left: 8, outage: { code, params } });
    assert.equal(fate, { 1: code });
  });
}

test('a bundle that is too large or damaged on this disk fails alone', async () => {
  const { queue, fate } = queueOf(3);
  const damaged: Drainable = {
    ...queue,
    contents: (name) =>
      name === '2' ? fails('too_large', { where: 'store' }) : queue.contents(name),
  };
  const drained = await drainQueue({
    queue: damaged,
    client: { sendEvidence: async ({ bytes }) => received(bytes[0] ?? 0) },
    receiptKeys,
    moment: () => ({ now, sinceBootMs: 0 }),
    jitter: () => 0,
  });
  assert.equal(drained, { ...clear, uploaded: 2, failed: 1 });
  assert.equal(Object.fromEntries(fate), { 1: 'uploaded', 2: 'too_large', 3: 'uploaded' });
});

test('a fork counts as uploaded, hands the head back and does not end the round', async () => {
  const { drained, fate } = await drain(3, (entry) =>
    entry === 1 ? received(entry) : { kind: 'fork', receipt: receiptFor(entry), head },
  );
  assert.equal(drained, { ...clear, uploaded: 3, fork: head });
  assert.equal(fate, { 1: 'uploaded', 2: 'uploaded', 3: 'uploaded' });
});

const forged: [title: string, receipt: (entry: number) => Envelope][] = [
  ['of another bundle', () => receiptFor(99)],
  ['by another key', (entry) => receiptFor(entry, createSigner(new Uint8Array(32).fill(8)))],
  [
    'that says something else than was signed',
    (entry) => ({ ...receiptFor(entry), payload: receiptFor(99).payload }),
  ],
];
for (const [title, receipt] of forged) {
  test(`a receipt ${title} leaves the bundle queued and ends the round`, async () => {
    const { drained, fate } = await drain(
      3,
      (entry) => ({ kind: 'received', receipt: receipt(entry) }),
      { concurrency: 1 },
    );
    assert.is(drained.outage?.code, 'rejected');
    assert.is(drained.left, 2);
    assert.equal(fate, { 1: 'rejected' });
  });
}

test('after the signal nothing is begun, and what was under way is neither uploaded nor failed', async () => {
  const controller = new AbortController();
  const { drained, fate, order } = await drain(
    5,
    (entry) => {
      if (entry === 1) return received(entry);
      controller.abort();
      return fails('interrupted');
    },
    { concurrency: 1, signal: controller.signal },
  );
  assert.equal(drained, { ...clear, uploaded: 1, left: 4 });
  assert.equal(fate, { 1: 'uploaded' });
  assert.equal(order, [1, 2]);
});

test('a queue that cannot be written ends the round with its own error', async () => {
  const { queue } = queueOf(2);
  const full: Drainable = {
    ...queue,
    markUploaded: () => fails('storage_full'),
    markFailed: () => fails('storage_full'),
  };
  try {
    await drainQueue({
      queue: full,
      client: { sendEvidence: async () => received(1) },
      receiptKeys,
      moment: () => ({ now, sinceBootMs: 0 }),
      jitter: () => 0,
    });
    assert.unreachable('it must throw');
  } catch (error) {
    assert.is(error instanceof FailureError && error.failure.code, 'storage_full');
  }
});

test.run();
