import * as z from 'zod';
import { CheckId, Identifier } from '../../../wire/primitives.ts';
import { address, choice, parseQuery } from '../address.ts';

const STANDINGS = ['drifted', 'unknown', 'unattested', 'compliant', 'notApplicable'] as const;
export const ROWS = 100;

const After = z
  .string()
  .regex(/^\d~/)
  .transform((text) => ({ worst: Number(text[0]), hostId: text.slice(2) }))
  .pipe(z.object({ worst: z.number(), hostId: Identifier }));

const Query = z.object({
  q: z.string().max(64).nullable().default(null),
  standing: choice(STANDINGS),
  control: CheckId.nullable().default(null),
  alarm: z
    .literal('yes')
    .transform(() => true)
    .default(false),
  state: z.enum(['active', 'retired', 'revoked', 'any']).default('active'),
  rows: z.coerce.number().int().min(1).max(1000).default(ROWS),
  after: After.nullable().default(null),
});

/** What of the fleet is looked at, as the address says it. */
export type FleetFilter = z.infer<typeof Query>;

export const parseFleetFilter = (query: unknown): FleetFilter => parseQuery(Query, query);

/** The address of a filter: what `parseFleetFilter` reads, without what goes without saying. */
export function fleetAddress({
  q,
  standing,
  control,
  alarm,
  state,
  rows,
  after,
}: FleetFilter): string {
  return address('/fleet', {
    ...{ q, standing, control },
    alarm: alarm ? 'yes' : null,
    state: state === 'active' ? null : state,
    rows: rows === ROWS ? null : rows,
    after: after && `${after.worst}~${after.hostId}`,
  });
}
