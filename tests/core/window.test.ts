import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  currentOpening,
  type MaintenanceWindow,
  missedSince,
  nextOpening,
} from '../../agent/src/core/window.ts';
import type { Weekday } from '../../agent/src/wire/settings.ts';

const EVERY_DAY: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const window = (span: string, timeZone = 'UTC', days = EVERY_DAY): MaintenanceWindow => ({
  span,
  timeZone,
  days,
});

const next: [title: string, of: MaintenanceWindow, now: string, opens: string, closes: string][] = [
  ['today', window('02:00-04:00'), '2026-11-22T01:00Z', '2026-11-22T02:00Z', '2026-11-22T04:00Z'],
  [
    'tomorrow once it is open',
    window('02:00-04:00'),
    '2026-11-22T02:00Z',
    '2026-11-23T02:00Z',
    '2026-11-23T04:00Z',
  ],
  [
    'across midnight',
    window('23:00-01:00'),
    '2026-11-22T12:00Z',
    '2026-11-22T23:00Z',
    '2026-11-23T01:00Z',
  ],
  [
    'the named day is the one on which it opens',
    window('23:00-01:00', 'UTC', ['sun']),
    '2026-11-22T12:00Z',
    '2026-11-22T23:00Z',
    '2026-11-23T01:00Z',
  ],
  [
    'only on named days',
    window('02:00-04:00', 'UTC', ['sat']),
    '2026-11-22T12:00Z',
    '2026-11-28T02:00Z',
    '2026-11-28T04:00Z',
  ],
  [
    'local to its zone',
    window('02:00-04:00', 'America/New_York'),
    '2026-11-22T12:00Z',
    '2026-11-23T07:00Z',
    '2026-11-23T09:00Z',
  ],
  // Europe/Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00Z.
  [
    'opening in the gap: at the first later instant',
    window('02:30-04:00', 'Europe/Berlin'),
    '2026-03-29T00:00Z',
    '2026-03-29T01:00Z',
    '2026-03-29T02:00Z',
  ],
  [
    'closing in the gap: at the change',
    window('01:00-02:30', 'Europe/Berlin'),
    '2026-03-28T12:00Z',
    '2026-03-29T00:00Z',
    '2026-03-29T01:00Z',
  ],
  [
    'in the gap altogether: its nominal length',
    window('02:15-02:45', 'Europe/Berlin'),
    '2026-03-29T00:00Z',
    '2026-03-29T01:00Z',
    '2026-03-29T01:30Z',
  ],
  [
    'over the gap: an hour shorter',
    window('01:00-05:00', 'Europe/Berlin'),
    '2026-03-28T12:00Z',
    '2026-03-29T00:00Z',
    '2026-03-29T03:00Z',
  ],
  // Europe/Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00Z.
  [
    'over the repeated hour: an hour longer',
    window('02:00-04:00', 'Europe/Berlin'),
    '2026-10-24T12:00Z',
    '2026-10-25T00:00Z',
    '2026-10-25T03:00Z',
  ],
  [
    'in the repeated hour: the first time',
    window('02:15-02:45', 'Europe/Berlin'),
    '2026-10-24T12:00Z',
    '2026-10-25T00:15Z',
    '2026-10-25T00:45Z',
  ],
  [
    'in the repeated hour: the second time',
    window('02:15-02:45', 'Europe/Berlin'),
    '2026-10-25T00:15Z',
    '2026-10-25T01:15Z',
    '2026-10-25T01:45Z',
  ],
  [
    'from the repeated hour on',
    window('02:30-04:00', 'Europe/Berlin'),
    '2026-10-25T00:45Z',
    '2026-10-25T01:30Z',
    '2026-10-25T03:00Z',
  ],
  // Lord Howe: the clocks move by half an hour; Apia: 30 December 2011 does not exist.
  [
    'a gap of half an hour',
    window('02:00-03:00', 'Australia/Lord_Howe'),
    '2026-10-03T12:00Z',
    '2026-10-03T15:30Z',
    '2026-10-03T16:00Z',
  ],
  [
    'a day that does not exist',
    window('02:00-04:00', 'Pacific/Apia', ['fri']),
    '2011-12-30T09:00Z',
    '2011-12-30T10:00Z',
    '2011-12-30T12:00Z',
  ],
];
for (const [title, of, now, opens, closes] of next) {
  test(`the next opening: ${title}`, () => {
    const found = nextOpening(of, new Date(now));
    assert.is(found.opens.toISOString(), new Date(opens).toISOString());
    assert.is(found.closes.toISOString(), new Date(closes).toISOString());
  });
}

const open: [title: string, of: MaintenanceWindow, now: string, expected: boolean][] = [
  ['it is open at its start', window('02:00-04:00'), '2026-11-22T02:00Z', true],
  ['and closed at its end', window('02:00-04:00'), '2026-11-22T04:00Z', false],
  [
    'after midnight it belongs to the day before',
    window('23:00-01:00', 'UTC', ['sat']),
    '2026-11-22T00:30Z',
    true,
  ],
  [
    'the next night is another day',
    window('23:00-01:00', 'UTC', ['sat']),
    '2026-11-23T00:30Z',
    false,
  ],
  [
    'between the two times of a repeated hour it is closed',
    window('02:15-02:45', 'Europe/Berlin'),
    '2026-10-25T00:50Z',
    false,
  ],
];
for (const [title, of, now, expected] of open)
  test(title, () => assert.is(currentOpening(of, new Date(now)) !== null, expected));

const missed: [title: string, since: string, now: string, opens: string | null][] = [
  ['a window slept through', '2026-11-22T01:00Z', '2026-11-22T05:00Z', '2026-11-22T02:00Z'],
  ['the latest of several', '2026-11-01T01:00Z', '2026-11-22T05:00Z', '2026-11-22T02:00Z'],
  ['none that is still open', '2026-11-22T01:00Z', '2026-11-22T03:00Z', null],
  ['none that was seen open', '2026-11-22T02:00Z', '2026-11-22T05:00Z', null],
  ['none between', '2026-11-22T05:00Z', '2026-11-22T06:00Z', null],
];
for (const [title, since, now, opens] of missed) {
  test(`missed: ${title}`, () => {
    const found = missedSince(window('02:00-04:00'), {
      since: new Date(since),
      now: new Date(now),
    });
    assert.is(found?.opens.getTime(), opens === null ? undefined : Date.parse(opens));
  });
}

/** Minutes since midnight of the wall clock, and the day's name, as the platform's own time zones have it. */
function wall(now: Date, timeZone: string): { minute: number; day: Weekday } {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(now);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return {
    minute: Number(of('hour')) * 60 + Number(of('minute')),
    day: of('weekday').toLowerCase() as Weekday,
  };
}
const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const anyWindow = fc
  .record({
    start: fc.integer({ min: 0, max: 1439 }),
    length: fc.integer({ min: 1, max: 1439 }),
    timeZone: fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/Santiago',
    ),
    days: fc.subarray(EVERY_DAY, { minLength: 1 }),
  })
  .map(({ start, length, timeZone, days }) => ({
    start,
    end: (start + length) % 1440,
    of: window(`${clock(start)}-${clock((start + length) % 1440)}`, timeZone, days),
  }));
/** Minutes of 2026 and 2027; half of them within a day of a change of the clocks. */
const changes = [
  '2026-03-08',
  '2026-03-29',
  '2026-04-05',
  '2026-09-06',
  '2026-10-04',
  '2026-10-25',
  '2026-11-01',
];
const anyMinute = fc
  .oneof(
    fc
      .integer({ min: 0, max: 2 * 365 * 1440 })
      .map((minute) => Date.UTC(2026, 0, 1) + minute * 60_000),
    fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -1440, max: 1440 }))
      .map(([day, minute]) => Date.parse(day) + minute * 60_000),
  )
  .map((time) => new Date(time));

test('whenever the wall clock is within the window on a named day, it is open', () => {
  fc.assert(
    fc.property(anyWindow, anyMinute, ({ of, start, end }, now) => {
      const { minute, day } = wall(now, of.timeZone);
      const yesterday = EVERY_DAY[(EVERY_DAY.indexOf(day) + 6) % 7] as Weekday;
      const inside =
        start < end
          ? of.days.includes(day) && start <= minute && minute < end
          : (of.days.includes(day) && minute >= start) ||
            (of.days.includes(yesterday) && minute < end);
      // The other way about it may also be open: a window that lies in a gap is made up for after it.
      if (inside) assert.ok(currentOpening(of, now));
      else if (currentOpening(of, now) !== null) assert.ok(madeUp(of, now));
    }),
    { numRuns: 2000 },
  );
  function madeUp(of: MaintenanceWindow, now: Date): boolean {
    const opens = currentOpening(of, now)?.opens ?? now;
    const before = wall(new Date(opens.getTime() - 60_000), of.timeZone).minute;
    return (wall(opens, of.timeZone).minute - before + 1440) % 1440 > 1;
  }
});

test('the next opening is later, is open at its start, closed at its end, and nothing opens before it', () => {
  fc.assert(
    fc.property(
      anyWindow,
      anyMinute,
      fc.double({ min: 0, max: 1, noNaN: true }),
      ({ of }, now, share) => {
        const { opens, closes } = nextOpening(of, now);
        assert.ok(now < opens && opens < closes);
        assert.equal(currentOpening(of, opens)?.opens, opens);
        const between = new Date(
          Math.round(now.getTime() + share * (opens.getTime() - now.getTime() - 1)),
        );
        const open = currentOpening(of, between);
        assert.ok(open === null || open.opens <= now);
      },
    ),
    { numRuns: 1000 },
  );
});

test('an opening that begins and ends while nobody is there is missed, and no other', () => {
  fc.assert(
    fc.property(anyWindow, anyMinute, ({ of }, since) => {
      const { opens, closes } = nextOpening(of, since);
      assert.equal(missedSince(of, { since, now: closes })?.closes, closes);
      assert.is(missedSince(of, { since, now: new Date(closes.getTime() - 1) }), null);
      assert.is(missedSince(of, { since: opens, now: closes }), null);
    }),
  );
});

test.run();
