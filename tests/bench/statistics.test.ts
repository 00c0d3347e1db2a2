import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inTurns } from '../../agent/bench/measurement.ts';
import { median, spread } from '../../agent/bench/statistics.ts';

test('the median is the middle, or the mean of the two in the middle', () => {
  for (const [figures, expected] of [
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 100], 3.5],
  ] as const)
    assert.is(median(figures), expected);
  assert.ok(Number.isNaN(median([])));
});

test('the spread is half the distance between the quartiles, whatever the farthest figure is', () => {
  assert.is(spread([1, 2, 3, 4, 5]), 1);
  assert.is(spread([1, 2, 3, 4, 5000]), 1);
  assert.is(spread([1, 2]), 0.25, 'between two figures it is interpolated');
  assert.is(spread([7]), 0);
});

test('sides are sampled in turns, and the order turns too', async () => {
  const order: string[] = [];
  const side = (name: string) => async () => order.push(name);
  const samples = await inTurns(3, { ours: side('ours'), floor: side('floor') });
  assert.equal(order, ['ours', 'floor', 'floor', 'ours', 'ours', 'floor']);
  assert.equal(samples, { ours: [1, 4, 5], floor: [2, 3, 6] });
});

test.run();
