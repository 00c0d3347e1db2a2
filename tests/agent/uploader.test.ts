import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createUploader } from '../../agent/src/agent/uploader.ts';
import type { Log } from '../../agent/src/effects/log.ts';
import type { Client } from '../../agent/src/effects/upload/client.ts';
import type { Drained } from '../../agent/src/effects/upload/drain.ts';
import { type Failure, FailureError } from '../../agent/src/wire/failure.ts';

const nothing: Drained = { uploaded: 0, failed: 0, left: 0, fork: null, outage: null };
const signal = new AbortController().signal;
const quiet = { info() {}, warn() {}, debug() {}, error() {} } as unknown as Log;

/** An uploader to a server whose state the test sets. */
function toServer() {
  const server = { down: null as Failure | null, drained: nothing, due: null as number | null };
  const calls: string[] = [];
  const fail = (failure: Failure) => new FailureError(failure.code, failure.params);
  const client = {
    health: async ({ once }: { once: boolean }) => {
      calls.push(once ? 'health once' : 'health');
      if (server.down !== null) throw fail(server.down);
    },
    certificateExpiry: () => ({
      expires: new Date('2027-01-01T00:00:00.000Z'),
      daysLeft: 40,
      state: 'valid',
    }),
    close: async () => void calls.push('close'),
  } as unknown as Client;
  const uploader = createUploader({
    connect: async () => {
      calls.push('connect');
      return client;
    },
    drain: async () => {
      calls.push('drain');
      return server.drained;
    },
    retryNow: () => void calls.push('retry now'),
    nextDueMs: () => server.due,
    onFork: async () => void calls.push('fork'),
    log: quiet,
    random: () => 0.5,
  });
  const turn = async () => {
    calls.length = 0;
    const delay = await uploader.turn(signal);
    return { delay, calls: [...calls] };
  };
  return { server, uploader, turn };
}

const unreachable: Failure = { code: 'unreachable', params: {} };

test('the server is asked for its health once, then the queue is drained', async () => {
  const { turn, uploader } = toServer();
  assert.equal((await turn()).calls, ['connect', 'health', 'drain']);
  assert.equal((await turn()).calls, ['drain']);
  assert.is(uploader.state().state, 'reachable');
  assert.is(uploader.state().certificate?.days_left, 40);
});

test('the next turn comes when an entry is due, soon at the earliest', async () => {
  const { turn, server } = toServer();
  assert.is((await turn()).delay, 30_000);
  for (const [due, delay] of [
    [0, 100],
    [5000, 5000],
    [90_000, 30_000],
  ] as const) {
    server.due = due;
    assert.is((await turn()).delay, delay);
  }
});

test('an outage costs no bundle its tries: only the health is asked, ever more seldom', async () => {
  const { turn, server, uploader } = toServer();
  server.down = unreachable;
  const delays: number[] = [];
  for (let times = 0; times < 3; times += 1) {
    const { delay, calls } = await turn();
    assert.equal(calls, ['connect', times === 0 ? 'health' : 'health once', 'close']);
    delays.push(delay);
  }
  assert.equal(delays, [2000, 4000, 8000]);
  assert.equal(uploader.state().failure, unreachable);

  server.down = null;
  assert.equal((await turn()).calls, ['connect', 'health once', 'retry now', 'drain']);
  assert.is(uploader.state().failure, null);
});

test('an outage in the middle of a round is one too', async () => {
  const { turn, server, uploader } = toServer();
  await turn();
  server.drained = { ...nothing, outage: unreachable };
  assert.equal((await turn()).calls, ['drain', 'close']);
  assert.is(uploader.state().state, 'out of reach');
});

test('a server that refuses this host is not flooded though it answers', async () => {
  const { turn, server } = toServer();
  server.drained = { ...nothing, outage: { code: 'rejected', params: { status: 403 } } };
  await turn();
  const { calls, delay } = await turn();
  assert.not(calls.includes('retry now'));
  assert.is(delay, 4000);
});

test('a fork is told', async () => {
  const { turn, server } = toServer();
  server.drained = { ...nothing, fork: { payload: '', signature: '', key_id: '' } };
  assert.ok((await turn()).calls.includes('fork'));
});

test('a stop in the middle is no outage', async () => {
  const { turn, server, uploader } = toServer();
  server.down = { code: 'interrupted', params: {} };
  await turn();
  assert.is(uploader.state().state, 'not asked yet');
});

test.run();
