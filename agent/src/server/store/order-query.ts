import { type Dialect, inScope, scopeParameters } from './fleet-query.ts';
import type { OrderQuestion } from './views.ts';

/** Orders of a question: parameters 1 to 4. */
const asked = (dialect: Dialect) => `
  FROM orders o JOIN hosts h ON h.host_id = o.host_id
  WHERE ${inScope(dialect, '$1', '$2')}
    AND (CAST($3 AS text) IS NULL OR o.host_id = CAST($3 AS text))`;

export const orderPageSql = (dialect: Dialect): string => `
  SELECT o.* ${asked(dialect)}
    AND (CAST($4 AS text) IS NULL OR o.state = CAST($4 AS text))
    AND (o.requested_at, o.order_id) < ($5, $6)
  ORDER BY o.requested_at DESC, o.order_id DESC LIMIT CAST($7 AS integer)`;

export const orderStatesSql = (dialect: Dialect): string => `
  SELECT o.state, count(*) AS orders ${asked(dialect)} GROUP BY o.state`;

/** What became of the orders of a page: one parameter, their ids. */
export const eventsOfSql = ({ list }: Dialect): string =>
  `SELECT * FROM order_events WHERE order_id IN (${list('$1')}) ORDER BY id`;

/** Parameters 1 to 3. */
export const orderParameters = ({ scope, hostId }: OrderQuestion) => [
  ...scopeParameters(scope),
  hostId,
];

/** Parameters 4 to 7. */
export const orderPageParameters = ({ state, before, limit }: OrderQuestion) => [
  state,
  before?.requestedAt ?? '9999-12-31T00:00:00.000Z',
  before?.orderId ?? '',
  limit,
];
