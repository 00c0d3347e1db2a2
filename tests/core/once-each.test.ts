import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onceEach } from '../../agent/src/core/once-each.ts';

test('each object is read once, equal ones each for itself, and what is no object every time', () => {
  const seen: unknown[] = [];
  const read = onceEach((value: unknown) => seen.push(value));
  const [one, equal] = [{ n: 1 }, { n: 1 }];
  assert.equal([one, one, equal, 'text', 'text'].map(read), [1, 1, 2, 3, 4]);
});

test('nothing is kept of a reader that throws', () => {
  let healthy = false;
  const read = onceEach((value: { n: number }) => {
    if (!healthy) throw new Error('not yet');
    return value.n;
  });
  const one = { n: 1 };
  assert.throws(() => read(one), 'not yet');
  healthy = true;
  assert.is(read(one), 1);
});

test.run();
