import * as z from 'zod';
import { Outcome } from '../../../wire/evidence.ts';
import { CheckId, Timestamp } from '../../../wire/primitives.ts';
import { address, parseQuery } from '../address.ts';

export const SPANS = [30, 90, 365] as const;

const Day = z.iso.date();

const Before = z
  .string()
  .regex(/^[^~]+~\d{1,15}$/)
  .transform((text) => {
    const [timestampEnd = '', arrival = ''] = text.split('~');
    return { timestampEnd, arrival: Number(arrival) };
  })
  .pipe(z.object({ timestampEnd: Timestamp, arrival: z.number() }));

const Query = z.object({
  days: z.coerce
    .number()
    .pipe(z.union(SPANS.map((span) => z.literal(span))))
    .default(90),
  to: Day.nullable().default(null),
  check: CheckId.nullable().default(null),
  outcome: Outcome.nullable().default(null),
  before: Before.nullable().default(null),
});

/** What of a host is looked at: the days up to `to` in the heat map, and what of them in the timeline. */
export type HostFilter = z.infer<typeof Query>;

export const parseHostFilter = (query: unknown): HostFilter => parseQuery(Query, query);

export function hostAddress(
  hostId: string,
  { days, to, check, outcome, before }: HostFilter,
): string {
  return address(`/hosts/${hostId}`, {
    days: days === 90 ? null : days,
    ...{ to, check, outcome },
    before: before && `${before.timestampEnd}~${before.arrival}`,
  });
}

export const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
export const DAY_MS = 86_400_000;
