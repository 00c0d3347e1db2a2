import * as z from 'zod';
import { Identifier, Timestamp, Uuid } from '../../../wire/primitives.ts';
import { OrderState } from '../../../wire/routes.ts';
import { address, parseQuery } from '../address.ts';

export const ROWS = 50;

const Before = z
  .string()
  .regex(/^[^~]+~[^~]+$/)
  .transform((text) => {
    const [requestedAt = '', orderId = ''] = text.split('~');
    return { requestedAt, orderId };
  })
  .pipe(z.object({ requestedAt: Timestamp, orderId: Uuid }));

const Query = z.object({
  state: OrderState.nullable().default(null),
  host: Identifier.nullable().default(null),
  before: Before.nullable().default(null),
});

/** Which orders are looked at, as the address says it. */
export type OrderFilter = z.infer<typeof Query>;

export const parseOrderFilter = (query: unknown): OrderFilter => parseQuery(Query, query);

export const ordersAddress = ({ state, host, before }: OrderFilter): string =>
  address('/orders', { state, host, before: before && `${before.requestedAt}~${before.orderId}` });
