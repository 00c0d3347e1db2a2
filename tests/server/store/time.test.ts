import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { timeOf } from '../../../agent/src/server/store/postgresql/connect.ts';

const cases: [text: string, time: string][] = [
  ['2026-11-22 09:30:00+00', '2026-11-22T09:30:00.000Z'],
  ['2026-11-22 09:30:00.5+00', '2026-11-22T09:30:00.500Z'],
  ['2026-11-22 09:30:00.05+00', '2026-11-22T09:30:00.050Z'],
  ['2026-11-22 09:30:00.123+00', '2026-11-22T09:30:00.123Z'],
  ['2026-11-22 09:30:00.123+01', '2026-11-22T08:30:00.123Z'],
  ['2026-11-22 09:30:00.123456+00', '2026-11-22T09:30:00.123Z'],
];
test('a time of PostgreSQL’s in our form', () => {
  assert.equal(
    cases.map(([text]) => timeOf(text)),
    cases.map(([, time]) => time),
  );
});

test.run();
