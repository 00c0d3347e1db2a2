import { fingerprint } from '../../core/changes.ts';
import { isPast, type Journal, type OrderTask } from '../../core/journal.ts';
import type { JournalFile } from '../../effects/journal.ts';
import type { Client } from '../../effects/upload/client.ts';
import { REMEDIES } from '../../remedies/index.ts';
import type { RemedySocket } from '../../wire/remedy.ts';
import type { OrderStatusAnswer } from '../../wire/routes.ts';
import type { CheckState } from '../../wire/verdict.ts';

/** The approved order for a check that was not yet handed over. */
export function orderFor({ orders }: Journal, check: string): OrderTask | null {
  return orders.find((order) => order.check === check && order.state === 'approved') ?? null;
}

/** Notes that an order is to be asked for; another request about the same check is replaced. */
export function addRequest(
  journal: Journal,
  { state, remedy, id, at }: { state: CheckState; remedy: RemedySocket; id: string; at: Date },
): Journal {
  const rules = [...new Set(state.findings.map(({ rule }) => rule))];
  const task: OrderTask = {
    request_id: id,
    check: state.check,
    runbook_id: remedy,
    reason: `${state.check} ${state.verdict}: ${rules.join(', ')}`.slice(0, 256),
    fingerprint: fingerprint(state),
    order_id: null,
    state: 'new',
    envelope: null,
    at: at.toISOString(),
  };
  const others = journal.orders.filter((order) => order.check !== state.check || isPast(order));
  return { ...journal, orders: [...others, task].slice(-64) };
}

/** Notes that an order was handed over, whatever became of it. */
export function markUsed(journal: Journal, orderId: string | null): Journal {
  const orders = journal.orders.map((order) =>
    orderId !== null && order.order_id === orderId ? { ...order, state: 'used' as const } : order,
  );
  return { ...journal, orders };
}

/** Asks the server for what is wanted and takes what was signed. Gives whether a cycle has something new to act on. */
export async function exchangeOrders(
  client: Pick<Client, 'requestOrder' | 'approvedOrders' | 'orderStatus'>,
  {
    journal,
    newId,
    now,
    signal,
  }: { journal: JournalFile; newId: () => string; now: Date; signal: AbortSignal },
): Promise<boolean> {
  const before = journal.current();
  for (const task of journal.current().orders.filter(({ state }) => state === 'new')) {
    const { request_id, check, runbook_id, reason } = task;
    const request = { request_id, check, runbook_id, reason, bundle_sha256: null };
    const answer = await client.requestOrder(request, { signal });
    journal.change((current) => takeAnswer(current, answer, request_id));
  }
  const approved = await client.approvedOrders({ signal });
  for (const answer of approved)
    journal.change((current) => takeApproved(current, { answer, newId, now }));
  for (const { order_id, state } of journal.current().orders) {
    if (order_id === null || state !== 'requested') continue;
    const answer = await client.orderStatus(order_id, { signal });
    journal.change((current) => takeAnswer(current, answer));
  }
  const states = ({ orders }: Journal) => orders.map(({ state }) => state).join();
  return states(before) !== states(journal.current());
}

/** Brings one task to where the server has it. */
function takeAnswer(journal: Journal, answer: OrderStatusAnswer, requestId?: string): Journal {
  const isOurs = (task: OrderTask) =>
    !isPast(task) &&
    (requestId === undefined ? task.order_id === answer.order_id : task.request_id === requestId);
  const orders = journal.orders.map((task) =>
    isOurs(task) ? { ...task, ...standingOf(answer) } : task,
  );
  return { ...journal, orders };
}

function standingOf({ order_id, state, order }: OrderStatusAnswer): Partial<OrderTask> {
  if (state === 'approved') return { order_id, state, envelope: order };
  const ended = state === 'done' || state === 'failed';
  return { order_id, state: ended ? 'used' : state };
}

/** An operator may also order what nobody here asked for. */
function takeApproved(
  journal: Journal,
  { answer, newId, now }: { answer: OrderStatusAnswer; newId: () => string; now: Date },
): Journal {
  if (journal.orders.some(({ order_id }) => order_id === answer.order_id))
    return takeAnswer(journal, answer);
  const remedy = REMEDIES.find(({ id }) => id === answer.runbook_id);
  if (remedy === undefined || answer.order === null) return journal;
  const task: OrderTask = {
    request_id: newId(),
    check: remedy.check,
    runbook_id: remedy.id,
    reason: 'ordered by an operator',
    fingerprint: '',
    order_id: answer.order_id,
    state: 'approved',
    envelope: answer.order,
    at: now.toISOString(),
  };
  const others = journal.orders.filter((order) => order.check !== remedy.check || isPast(order));
  return { ...journal, orders: [...others, task].slice(-64) };
}
