import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { utcText } from '../../agent/src/effects/heap.ts';

const TIMES = [
  0,
  -1,
  Date.UTC(2026, 10, 23, 3, 4, 5, 67),
  Date.UTC(2024, 1, 29, 23, 59, 59, 999),
  Date.UTC(9999, 11, 31, 23, 59, 59, 999),
  Date.UTC(10_000, 0, 1),
  Date.UTC(-1, 5, 1),
  new Date(0).setUTCFullYear(7),
  8.64e15,
  -8.64e15,
];
for (const time of TIMES) {
  const date = new Date(time);
  test(`${date.toISOString()} is written as the platform writes it`, () => {
    assert.is(utcText.call(date), date.toISOString());
  });
}

test('no time at all is refused as the platform refuses it', () => {
  assert.throws(() => utcText.call(new Date(Number.NaN)), RangeError);
});

test.run();
