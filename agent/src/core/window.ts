import { Temporal } from 'temporal-polyfill';
import type { Weekday } from '../wire/settings.ts';

/** Half-open stretch of time in which disruptive remedies may run. */
export type Opening = { readonly opens: Date; readonly closes: Date };

/** `span` is HH:MM-HH:MM local to the IANA time zone; `days` names the days on which it opens. */
export type MaintenanceWindow = {
  readonly span: string;
  readonly timeZone: string;
  readonly days: readonly Weekday[];
};

const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MS = 1_000_000;

/** The opening that `now` lies in, or null. */
export function currentOpening(window: MaintenanceWindow, now: Date): Opening | null {
  return (
    openingsAround(window, now, -2, 1).find(({ opens, closes }) => opens <= now && now < closes) ??
    null
  );
}

/** The first opening that begins after `now`. */
export function nextOpening(window: MaintenanceWindow, now: Date): Opening {
  const next = openingsAround(window, now, -1, 8).find(({ opens }) => opens > now);
  if (next === undefined) throw new RangeError('a maintenance window needs a day');
  return next;
}

/** The latest opening that passed altogether between two times: nobody was there. Null where none did. */
export function missedSince(
  window: MaintenanceWindow,
  { since, now }: { since: Date; now: Date },
): Opening | null {
  return (
    openingsAround(window, now, -9, 0)
      .filter(({ opens, closes }) => opens > since && closes <= now)
      .at(-1) ?? null
  );
}

/** Openings of the local days from `first` to `last`, counted from the day of `now`, in order. */
function openingsAround(
  { span, timeZone, days }: MaintenanceWindow,
  now: Date,
  first: number,
  last: number,
): Opening[] {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  const start = Temporal.PlainTime.from(span.slice(0, 5));
  const end = Temporal.PlainTime.from(span.slice(6));
  const nextDay = Temporal.PlainTime.compare(end, start) <= 0 ? 1 : 0;
  return Array.from({ length: last - first + 1 }, (_, index) => today.add({ days: first + index }))
    .filter((day) => days.includes(WEEKDAYS[day.dayOfWeek - 1] as Weekday))
    .flatMap((day) =>
      stretches(
        day.toPlainDateTime(start),
        day.add({ days: nextDay }).toPlainDateTime(end),
        timeZone,
      ),
    );
}

/**
 * The instants whose local time lies in [start, end). Where the clocks change, each side is taken by its own offset:
 * a start within the gap becomes the change itself, an end likewise, and a repeated hour counts twice. A window that
 * lies in the gap altogether has no such instant: it opens at the change and keeps its nominal length.
 */
function stretches(
  start: Temporal.PlainDateTime,
  end: Temporal.PlainDateTime,
  timeZone: string,
): Opening[] {
  const until = end.toZonedDateTime(timeZone, { disambiguation: 'later' }).epochMilliseconds;
  const local = {
    start: start.toZonedDateTime('UTC').epochMilliseconds,
    end: end.toZonedDateTime('UTC').epochMilliseconds,
  };
  const found: { opens: number; closes: number }[] = [];
  let side = start.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  let from = Number.NEGATIVE_INFINITY;
  for (;;) {
    const change = side.getTimeZoneTransition('next');
    const to = change?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
    const offset = side.offsetNanoseconds / MS;
    const opens = Math.max(from, local.start - offset);
    const closes = Math.min(to, local.end - offset);
    const before = found.at(-1);
    if (opens < closes && before?.closes === opens) before.closes = closes;
    else if (opens < closes) found.push({ opens, closes });
    if (change === null || to >= until) break;
    side = change;
    from = to;
  }
  if (found.length === 0) found.push({ opens: from, closes: from + local.end - local.start });
  return found.map(({ opens, closes }) => ({ opens: new Date(opens), closes: new Date(closes) }));
}
