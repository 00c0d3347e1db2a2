import type { Store } from '../store/store.ts';

/** Ends what nobody approved in `ttl` seconds, and approved orders whose time is over. Done before orders are read. */
export function expireOrders(
  store: Store,
  { now, ttl }: { now: Date; ttl: number },
): Promise<number> {
  const requestedBefore = new Date(now.getTime() - ttl * 1000).toISOString();
  return store.expireOrders({ now: now.toISOString(), requestedBefore });
}
