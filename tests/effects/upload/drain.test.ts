import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Sent } from '../../../agent/src/effects/upload/client.ts';
import { type Drainable, drainQueue } from '../../../agent/src/effects/upload/drain.ts';
import type { Envelope } from '../../../agent/src/wire/envelope.ts';
import {
  type FailureCode,
  FailureError,
  type FailureParams,
} from '../../../agent/src/wire/failure.ts';

const now = () => new Date('2026-11-22T09:00:00.000Z');
const receipt = { payload: 'cmVjZWlwdA==', signature: '', key_id: '' } as Envelope;
const head = { payload: 'aGVhZA==', signature: '', key_id: '' } as Envelope;

/** A queue of bundles 1 … `size` that remembers what became of each. */
function queueOf(size: number) {
  const fate = new Map<number, string>();
  const queue: Drainable<number> = {
    due: () => Array.from({ length: size }, (_, index) => index + 1),
    load: async (entry) => ({ bytes: Buffer.from([entry]), signature: '' }),
    markUploaded: (entry, { sent }) => void fate.set(entry, sent.kind),
    markFailed: (entry, { failure }) => void fate.set(entry, failure.code),
  };
  return { queue, fate };
}

const fails = (code: FailureCode, params: FailureParams = {}) => {
  throw new FailureError(code, params);
};

async function drain(
  size: number,
  answer: (entry: number) => Sent | Promise<Sent>,
  options: { concurrency?: number; signal?: AbortSignal; checkReceipt?: () => void } = {},
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
    checkReceipt: () => undefined,
    now,
    ...options,
  });
  return { drained, fate: Object.fromEntries(fate), order };
}

const received: Sent = { kind: 'received', receipt };
const clear = { failed: 0, left: 0, fork: null, outage: null };

test('everything due is uploaded, begun in chain order', async () => {
  const { drained, order } = await drain(20, () => received);
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
    async () => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setImmediate(resolve));
      under -= 1;
      return received;
    },
    { concurrency: 3 },
  );
  assert.is(most, 3);
});

test('a bundle that is refused fails alone', async () => {
  const { drained, fate } = await drain(3, (entry) =>
    entry === 2 ? fails('rejected', { status: 422 }) : received,
  );
  assert.equal(drained, { ...clear, uploaded: 2, failed: 1 });
  assert.equal(fate, { 1: 'received', 2: 'rejected', 3: 'received' });
});

const outages: [title: string, code: FailureCode, params: FailureParams][] = [
  ['a server out of reach', 'unreachable', { status: 503 }],
  ['a server that hangs', 'timeout', {}],
  ['a server whose certificate has expired', 'expired', {}],
  ['a server that we do not trust', 'rejected', { reason: 'server certificate' }],
  ['a server that does not know this host', 'rejected', { status: 403, reason: 'host_unknown' }],
];
for (const [title, code, params] of outages) {
  test(`${title} costs one try, not one of each`, async () => {
    const { drained, fate } = await drain(9, () => fails(code, params), { concurrency: 1 });
    assert.equal(drained, { ...clear, uploaded: 0, failed: 1, left: 8, outage: { code, params } });
    assert.equal(fate, { 1: code });
  });
}

test('a fork counts as uploaded, hands the head back and does not end the round', async () => {
  const { drained, fate } = await drain(3, (entry) =>
    entry === 1 ? received : { kind: 'fork', receipt, head },
  );
  assert.equal(drained, { ...clear, uploaded: 3, fork: head });
  assert.equal(fate, { 1: 'received', 2: 'fork', 3: 'fork' });
});

test('a receipt that does not hold leaves the bundle queued', async () => {
  const { drained, fate } = await drain(3, () => received, {
    concurrency: 1,
    checkReceipt: () => fails('rejected', { reason: 'receipt' }),
  });
  assert.is(drained.uploaded, 0);
  assert.equal(fate, { 1: 'rejected' });
});

test('after the signal nothing is begun, and what was under way is neither uploaded nor failed', async () => {
  const controller = new AbortController();
  const { drained, fate, order } = await drain(
    5,
    (entry) => {
      if (entry === 1) return received;
      controller.abort();
      return fails('interrupted');
    },
    { concurrency: 1, signal: controller.signal },
  );
  assert.equal(drained, { ...clear, uploaded: 1, left: 4 });
  assert.equal(fate, { 1: 'received' });
  assert.equal(order, [1, 2]);
});

test('a queue that cannot be written ends the round with its own error', async () => {
  const { queue } = queueOf(2);
  const full: Drainable<number> = {
    ...queue,
    markUploaded: () => fails('storage_full'),
    markFailed: () => fails('storage_full'),
  };
  try {
    await drainQueue({
      queue: full,
      client: { sendEvidence: async () => received },
      checkReceipt: () => undefined,
      now,
    });
    assert.unreachable('it must throw');
  } catch (error) {
    assert.is(error instanceof FailureError && error.failure.code, 'storage_full');
  }
});

test.run();
