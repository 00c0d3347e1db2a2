import type { FastifyRequest } from 'fastify';
import { Identifier } from '../../wire/primitives.ts';
import { Refusal } from '../refusal.ts';
import type { Enrolled, Store } from '../store/store.ts';
import type { FleetHost } from '../store/views.ts';

export type OfHost = { Params: { host: string } };

export const notThere = (what: string) =>
  new Refusal(404, `${what}_unknown`, `There is no such ${what}.`);

/** The host that an address names, within what its reader may see: any other is as if it were not there. */
export async function visibleHost(
  store: Store,
  { params, reader }: FastifyRequest<OfHost>,
): Promise<{ fleetHost: Omit<FleetHost, 'worst'>; enrolled: Enrolled }> {
  const known = Identifier.safeParse(params.host).success;
  const fleetHost = known ? await store.fleetHost(params.host, reader) : null;
  const enrolled = fleetHost && (await store.enrolled(fleetHost.host.hostId));
  if (fleetHost === null || enrolled === null) throw notThere('host');
  return { fleetHost, enrolled };
}
