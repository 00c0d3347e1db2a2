import { createVerifier } from '../../core/ed25519.ts';
import { type AcceptedOrder, acceptOrder, type RefusedOrder } from '../../core/orders.ts';
import { spentOrders } from '../../core/root-state.ts';
import { REMEDIES } from '../../remedies/index.ts';
import type { RootState } from '../../wire/root-state.ts';
import type { RemedyRun } from './run.ts';

export type OrderJudgement = AcceptedOrder | RefusedOrder;

const RUNBOOKS = new Map(REMEDIES.map(({ id, params }) => [id as string, params]));

/** Root’s own judgement of what came over the socket; null where nothing came. An order for another remedy is refused. */
export function judgeOrder(
  { remedy, order, config: { settings }, orderKeys }: RemedyRun,
  { state, now }: { state: RootState; now: Date },
): OrderJudgement | null {
  if (order.length === 0) return null;
  const judged = acceptOrder({
    bytes: order,
    verifiers: orderKeys.map(createVerifier),
    hostId: settings.host_id,
    siteId: settings.site_id,
    now,
    orderTtl: settings.order_ttl,
    clockSkewMs: settings.ntp_max_skew_ms,
    runbooks: RUNBOOKS,
    allowedRunbooks: settings.orders_allow,
    spent: spentOrders(state),
  });
  if (!judged.accepted || judged.order.runbook_id === remedy.id) return judged;
  return { accepted: false, reason: 'runbook_not_allowed', orderId: judged.order.order_id };
}
