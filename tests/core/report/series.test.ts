import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSeries } from '../../../agent/src/core/report/series.ts';

/** A thousand times with codes; every seventh goes back, and many are equal. */
const added = Array.from(
  { length: 1000 },
  (_, at) => [Math.floor(at / 3) - (at % 7 === 6 ? 40 : 0), at % 5] as const,
);

test('a series gives back what was added, by time, and equal times as they came', () => {
  for (const length of [0, 1, 64, 65, 1000]) {
    const series = createSeries();
    const some = added.slice(0, length);
    for (const [time, code] of some) series.add(time, code);
    const sorted = some.map((one) => one).sort(([a], [b]) => a - b); // Array's own sort is stable
    assert.equal([...series.inOrder()], sorted);
    assert.equal([...series.inOrder()], sorted, 'and again');
  }
});

test.run();
