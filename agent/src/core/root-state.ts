import type { OrderPayload } from '../wire/envelope.ts';
import type { RemedySocket } from '../wire/remedy.ts';
import type { RootEvent, RootState } from '../wire/root-state.ts';
import type { SpentOrders } from './orders.ts';

const HOUR = 3_600_000;
/** The newest events are kept; the agent records each within a cycle. */
const EVENTS = 128;

/** A root state made anew. `lastNumber` goes on from what the results say, so that numbers never repeat. */
export function freshRootState({ now, lastNumber }: { now: Date; lastNumber: number }): RootState {
  return {
    version: 1,
    created_at: now.toISOString(),
    last_number: lastNumber,
    frozen_since: null,
    boot_id: null,
    orders: { highest_sequence: 0, spent: [] },
    runs: {},
    events: [],
  };
}

export function spentOrders({ orders, created_at }: RootState): SpentOrders {
  return {
    highestSequence: orders.highest_sequence,
    nonces: new Set(orders.spent.map(({ nonce }) => nonce)),
    recreatedAt: new Date(created_at),
  };
}

/** Starts of a remedy that count against its rate. */
export function recentRuns({ runs }: RootState, remedy: RemedySocket): Date[] {
  return (runs[remedy] ?? []).map((time) => new Date(time));
}

/** Notes the start of a run under the next number, and spends its order, in one change. */
export function beginRun(
  state: RootState,
  { remedy, order, now }: { remedy: RemedySocket; order: OrderPayload | null; now: Date },
): RootState {
  const recent = (state.runs[remedy] ?? []).filter(
    (time) => Math.abs(now.getTime() - Date.parse(time)) < HOUR,
  );
  return {
    ...state,
    last_number: state.last_number + 1,
    runs: { ...state.runs, [remedy]: [...recent, now.toISOString()] },
    orders: order === null ? state.orders : spend(state.orders, order, now),
  };
}

function spend({ highest_sequence, spent }: RootState['orders'], order: OrderPayload, now: Date) {
  const expires = new Date(Date.parse(order.issued_at) + order.ttl * 1000).toISOString();
  // An expired nonce needs no memory: the order is refused by its time, and by its sequence in any case.
  const alive = spent.filter(({ expires_at }) => Date.parse(expires_at) > now.getTime());
  return {
    highest_sequence: Math.max(highest_sequence, order.sequence),
    spent: [...alive, { nonce: order.nonce, expires_at: expires }].slice(-4096),
  };
}

type NewEvent = RootEvent extends infer E ? (E extends unknown ? Omit<E, 'number'> : never) : never;

/** Adds an event under the next number. */
export function addEvent(state: RootState, event: NewEvent): RootState {
  const number = state.last_number + 1;
  const events = [...state.events, { ...event, number } as RootEvent].slice(-EVENTS);
  return { ...state, last_number: number, events };
}

/** Break-glass: no remedy starts while it holds. Unchanged where it is so already. */
export function setFrozen(state: RootState, frozen: boolean, now: Date): RootState {
  if ((state.frozen_since !== null) === frozen) return state;
  const at = now.toISOString();
  const kind = frozen ? 'freeze' : 'unfreeze';
  return addEvent({ ...state, frozen_since: frozen ? at : null }, { kind, at });
}
