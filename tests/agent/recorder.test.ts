import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRecorder, type Memory } from '../../agent/src/agent/recorder.ts';
import { agentEvent, changedStates } from '../../agent/src/core/changes.ts';
import type { Draft, HostContext } from '../../agent/src/wire/evidence.ts';
import { FailureError } from '../../agent/src/wire/failure.ts';
import type { Json } from '../../agent/src/wire/primitives.ts';
import type { CheckState } from '../../agent/src/wire/verdict.ts';

const context = { host_id: 'clinic' } as HostContext;
const at = new Date('2026-11-22T09:00:00.000Z');
const drifted: CheckState = {
  check: 'logging',
  verdict: 'drifted',
  severity: 'high',
  findings: [],
  exceptions: [],
  facts: { lines: 'x' },
  error: null,
};

function start(details: Record<string, string> = {}): Draft {
  return agentEvent({ event: 'start', details, at });
}

/** A recorder over a disk whose state the test sets. */
function onDisk() {
  const disk = { failure: null as FailureError | null, written: [] as Draft[] };
  const memory: Memory = { states: new Map(), attestedAt: null };
  const recorder = createRecorder({
    append: async (draft) => {
      if (disk.failure !== null) throw disk.failure;
      await Promise.resolve();
      disk.written.push(draft);
    },
    memory,
    written: () => {},
  });
  const states = (current: CheckState) =>
    changedStates({
      previous: memory.states,
      current: [current],
      citations: () => [],
      span: { start: at, end: at },
    });
  return { disk, recorder, states };
}

const full = new FailureError('storage_full', { errno: 'ENOSPC' });

test('what a full disk refused is written in order once there is space', async () => {
  const { disk, recorder } = onDisk();
  disk.failure = full;
  await recorder.record([start({ n: '1' }), start({ n: '2' })], context);
  assert.equal(recorder.failure(), full.failure);
  assert.is(recorder.waiting(), 2);

  disk.failure = null;
  await recorder.record([start({ n: '3' })], context);
  assert.is(recorder.failure(), null);
  assert.is(recorder.waiting(), 0);
  assert.equal(
    disk.written.map(({ post_state }) => (post_state as { n: string }).n),
    ['1', '2', '3'],
  );
});

test('drift that waits for the disk is not drafted again', async () => {
  const { disk, recorder, states } = onDisk();
  disk.failure = full;
  await recorder.record(states(drifted), context);
  assert.equal(states(drifted), []);
});

test('drift that found no place to wait is seen again once there is', async () => {
  const { disk, recorder, states } = onDisk();
  disk.failure = full;
  await recorder.record(
    Array.from({ length: 600 }, () => start()),
    context,
  );
  assert.is(recorder.waiting(), 512);
  await recorder.record(states(drifted), context);
  disk.failure = null;
  await recorder.record(states(drifted), context);
  await recorder.record(states(drifted), context);
  assert.is(disk.written.length, 513);
  assert.is(disk.written.at(-1)?.check, 'logging');
});

test('a state too large for a bundle is recorded without its details, and blocks nothing', async () => {
  const written: Draft[] = [];
  const recorder = createRecorder({
    append: (draft) => {
      if (JSON.stringify(draft).length > 2000) throw new FailureError('too_large', {});
      written.push(draft);
    },
    memory: { states: new Map(), attestedAt: null },
    written: () => {},
  });
  const draft = {
    ...start(),
    check: 'logging',
    post_state: { ...drifted, facts: 'x'.repeat(3000) } as Json,
  };
  await recorder.record([draft, start()], context);
  const [cut, next] = written;
  assert.is(next?.check, 'agent');
  assert.equal(cut?.error, { code: 'too_large', params: { where: 'record' } });
  assert.equal(cut?.post_state, { ...drifted, facts: null });
});

test('two callers at a time write each bundle once', async () => {
  const { disk, recorder } = onDisk();
  await Promise.all([
    recorder.record([start({ n: '1' })], context),
    recorder.record([start({ n: '2' })], context),
  ]);
  assert.is(disk.written.length, 2);
});

test.run();
