import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dayStates, type Hours, mergeHours } from '../../../agent/src/server/standing/hours.ts';
import type { Verdict } from '../../../agent/src/wire/verdict.ts';

const DAY = '2026-11-21';
const NEXT = '2026-11-22';
const whole = (letters: string) => letters.repeat(24).slice(0, 24);

const MERGED: [before: string, hour: number, verdict: Verdict, after: string][] = [
  ['........................', 0, 'compliant', 'c.......................'],
  ['c.......................', 0, 'drifted', 'd.......................'],
  ['d.......................', 0, 'compliant', 'd.......................'],
  ['d.......................', 0, 'unknown', 'd.......................'],
  ['u.......................', 0, 'compliant', 'u.......................'],
  ['........................', 23, 'notApplicable', '.......................n'],
];
for (const [before, hour, verdict, after] of MERGED)
  test(`${verdict} at ${hour} h makes ${before} to ${after}`, () => {
    assert.is(mergeHours({ backup: before }, { check: 'backup', hour, verdict })['backup'], after);
  });

type Case = {
  what: string;
  line: string;
  state: string | null;
  unattested?: number;
  from?: string;
  to?: string;
  interval?: number;
};
const CASES: Case[] = [
  { what: 'every hour compliant', line: whole('c'), state: 'compliant' },
  { what: 'one hour drifted', line: `d${whole('c').slice(1)}`, state: 'drifted' },
  { what: 'one hour not known', line: `u${whole('c').slice(1)}`, state: 'unknown' },
  {
    what: 'one hour drifted and one not known',
    line: `ud${whole('c').slice(2)}`,
    state: 'drifted',
  },
  {
    what: 'every other hour: a word holds for one interval',
    line: whole('c.'),
    state: 'compliant',
  },
  { what: 'every third hour', line: whole('c..'), state: 'unattested', unattested: 8 },
  { what: 'never', line: whole('.'), state: 'unattested', unattested: 24 },
  {
    what: 'every third hour, attested each three hours',
    line: whole('c..'),
    state: 'compliant',
    interval: 10_800,
  },
  { what: 'not applicable', line: whole('n'), state: 'notApplicable' },
  {
    what: 'not applicable, but compliant once',
    line: `c${whole('n').slice(1)}`,
    state: 'compliant',
  },
  {
    what: 'never, before the host was enrolled',
    line: whole('.'),
    state: null,
    from: `${NEXT}T00:00:00.000Z`,
  },
  {
    what: 'enrolled at noon and silent since',
    line: whole('.'),
    state: 'unattested',
    unattested: 12,
    from: `${DAY}T12:00:00.000Z`,
  },
  {
    what: 'compliant so far, and not over',
    line: `cccc${'.'.repeat(20)}`,
    state: 'compliant',
    to: `${DAY}T04:30:00.000Z`,
  },
  {
    what: 'silent for the last two whole hours',
    line: `cc${'.'.repeat(22)}`,
    state: 'unattested',
    unattested: 1,
    to: `${DAY}T04:30:00.000Z`,
  },
];
for (const { what, line, state, unattested = 0, from, to, interval = 3600 } of CASES)
  test(`a day ${what} is ${state ?? 'of no state'}`, () => {
    const hours = new Map<string, Hours>([[DAY, { backup: line }]]);
    const span = { from: from ?? '2026-01-01T00:00:00.000Z', to: to ?? '2026-12-01T00:00:00.000Z' };
    const [day] = dayStates({ check: 'backup', days: [DAY], hours, interval, ...span });
    assert.equal([day?.state, day?.unattested], [state, unattested]);
  });

test('a word of yesterday’s last hour holds over midnight', () => {
  const hours = new Map<string, Hours>([
    [DAY, { backup: whole('c') }],
    [NEXT, { backup: `.${whole('c').slice(1)}` }],
  ]);
  const span = { from: '2026-01-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' };
  const days = dayStates({ check: 'backup', days: [DAY, NEXT], hours, interval: 3600, ...span });
  assert.equal(
    days.map(({ state }) => state),
    ['compliant', 'compliant'],
  );
});

test.run();
