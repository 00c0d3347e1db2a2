import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PermitQuestion, permitRun } from '../../agent/src/core/permit.ts';

const at = (time: string) => new Date(`2026-11-${time}:00.000Z`);
const question: PermitQuestion = {
  now: at('22T12:00'),
  disruptive: true,
  mode: 'window',
  order: null,
  frozen: false,
  clock: { offsetMs: 0, maxSkewMs: 5000 },
  window: { span: '02:00-04:00', timeZone: 'UTC', days: ['sun', 'wed'] }, // the 22nd is a Sunday
  allowOutsideWindow: false,
  catchUpSinceBoot: null,
  runs: [],
  runsPerHour: 3,
};

const cases: [title: string, change: Partial<PermitQuestion>, reason: string | null][] = [
  ['the window is closed', {}, 'outside_window'],
  ['it is open', { now: at('22T03:59') }, null],
  ['it has just closed', { now: at('22T04:00') }, 'outside_window'],
  // Root has no other memory of when the host was away than its boot: caught up until a window opens.
  ['booted since it closed', { catchUpSinceBoot: at('22T11:00') }, null],
  ['booted while it was open', { catchUpSinceBoot: at('22T03:00') }, 'outside_window'],
  ['booted before it opened', { catchUpSinceBoot: at('22T01:59') }, 'outside_window'],
  [
    'booted since it closed, and another has opened and closed',
    { catchUpSinceBoot: at('22T11:00'), now: at('25T12:00') },
    'outside_window',
  ],
  [
    'booted since it closed, with a clock that is off',
    { catchUpSinceBoot: at('22T11:00'), clock: { offsetMs: 5001, maxSkewMs: 5000 } },
    'clock_off',
  ],
  ['allowed at any time', { allowOutsideWindow: true }, null],
  ['at once, although it interrupts', { mode: 'auto' }, null],
  [
    'at once and harmless, with an unknown clock',
    { mode: 'auto', disruptive: false, clock: { offsetMs: null, maxSkewMs: 5000 } },
    null,
  ],
  [
    'at once, but it interrupts, with an unknown clock',
    { mode: 'auto', clock: { offsetMs: null, maxSkewMs: 5000 } },
    'clock_unknown',
  ],
  ['frozen, whatever else holds', { mode: 'auto', frozen: true }, 'frozen'],
  [
    'run as often as the hour allows',
    { mode: 'auto', runs: ['11:01', '11:30', '11:59'].map((time) => at(`22T${time}`)) },
    'rate_limit',
  ],
  [
    'run as often, and an hour ago',
    { mode: 'auto', runs: ['11:00', '11:30', '11:59'].map((time) => at(`22T${time}`)) },
    null,
  ],
];
for (const [title, change, reason] of cases) {
  test(`${title}: ${reason ?? 'granted'}`, () => {
    const permit = permitRun({ ...question, ...change });
    const expected = {
      granted: false,
      outcome: 'deferred',
      error: { code: 'busy', params: { reason } },
    };
    assert.equal(permit, reason === null ? { granted: true } : expected);
  });
}

test.run();
