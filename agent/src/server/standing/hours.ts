import type { State } from '../../core/report/timeline.ts';
import type { Verdict } from '../../wire/verdict.ts';

/** By control one letter an hour: what was the worst that was said in it, or `.` where nothing was. */
export type Hours = { readonly [check: string]: string };

const LETTERS: Record<Verdict, string> = {
  notApplicable: 'n',
  compliant: 'c',
  unknown: 'u',
  drifted: 'd',
};
/** From nothing said to the worst. */
const ORDER = '.ncud';
const EMPTY = '.'.repeat(24);
const HOUR = 3_600_000;

/** The hours with one more word in them. */
export function mergeHours(
  hours: Hours,
  { check, hour, verdict }: { check: string; hour: number; verdict: Verdict },
): Hours {
  const line = hours[check] ?? EMPTY;
  const letter = LETTERS[verdict];
  if (ORDER.indexOf(line[hour] ?? '.') >= ORDER.indexOf(letter)) return hours;
  return { ...hours, [check]: line.slice(0, hour) + letter + line.slice(hour + 1) };
}

/** One control on one day: its worst state, and of how many hours that is so. */
export type DayState = {
  readonly day: string;
  readonly state: State | null;
  readonly drifted: number;
  readonly unknown: number;
  readonly unattested: number;
};

/**
 * How one control was on each of some days in a row. A word holds for one attestation interval, as in a report; an hour
 * of which nobody said anything is unattested, and a day is as its worst hour: a pass only where all of it passed.
 * Hours before `from`, when the host was first heard of, and after `to` are of no state.
 */
export function dayStates({
  check,
  days,
  hours,
  from,
  to,
  interval,
}: {
  check: string;
  /** Dates in a row, oldest first. */
  days: readonly string[];
  hours: ReadonlyMap<string, Hours>;
  from: string;
  to: string;
  /** Seconds between attestations. */
  interval: number;
}): DayState[] {
  const holds = Math.max(1, Math.ceil(interval / 3600));
  const [first, last] = [Date.parse(from), Date.parse(to)];
  let silence = holds + 1;
  return days.map((day) => {
    const count = { drifted: 0, unknown: 0, unattested: 0, compliant: 0, notApplicable: 0 };
    const line = hours.get(day)?.[check] ?? EMPTY;
    const begin = Date.parse(`${day}T00:00:00.000Z`);
    for (const [hour, letter] of [...line].entries()) {
      silence = letter === '.' ? silence + 1 : 0;
      const over = begin + (hour + 1) * HOUR <= last; // an hour that is not over may still be told of
      if (letter === 'd') count.drifted += 1;
      else if (letter === 'u') count.unknown += 1;
      else if (letter === 'c') count.compliant += 1;
      else if (letter === 'n') count.notApplicable += 1;
      else if (silence > holds && over && begin + (hour + 1) * HOUR > first) count.unattested += 1;
    }
    const { compliant, notApplicable, ...wrong } = count;
    return { day, state: worstOf(count), ...wrong };
  });
}

const WORST = ['drifted', 'unknown', 'unattested', 'compliant', 'notApplicable'] as const;

const worstOf = (count: Record<(typeof WORST)[number], number>): State | null =>
  WORST.find((state) => count[state] > 0) ?? null;
