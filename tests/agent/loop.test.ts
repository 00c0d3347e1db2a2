import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startLoop } from '../../agent/src/agent/loop.ts';

const FAR = 3_600_000;

/** A loop whose work the test ends by hand. */
function byHand() {
  const ends: (() => void)[] = [];
  let begun = 0;
  const loop = startLoop(
    () =>
      new Promise((resolve) => {
        begun += 1;
        ends.push(() => resolve(FAR));
      }),
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  const end = async () => {
    ends.shift()?.();
    await settle();
  };
  return { loop, end, settle, begun: () => begun };
}

test('work begins at once, and waits its delay', async () => {
  const { loop, end, begun } = byHand();
  assert.is(begun(), 1);
  await end();
  assert.is(begun(), 1);
  await loop.stop();
});

test('a wake begins it now', async () => {
  const { loop, end, begun } = byHand();
  await end();
  loop.wake();
  assert.is(begun(), 2);
  const stopped = loop.stop();
  await end();
  await stopped;
});

test('work is never done twice at a time: a wake while it runs comes after it, once', async () => {
  const { loop, end, begun } = byHand();
  loop.wake();
  loop.wake();
  assert.is(begun(), 1);
  await end();
  assert.is(begun(), 2);
  await end();
  assert.is(begun(), 2);
  await loop.stop();
});

test('a stop waits for the work under way, and nothing begins after it', async () => {
  const { loop, end, begun, settle } = byHand();
  let stopped = false;
  const done = loop.stop().then(() => {
    stopped = true;
  });
  await settle();
  assert.not(stopped);
  await end();
  await done;
  loop.wake();
  await settle();
  assert.is(begun(), 1);
});

test.run();
