import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { CHECKS } from '../../../checks/index.ts';
import { Uuid } from '../../../wire/primitives.ts';
import { dayStates } from '../../standing/hours.ts';
import { parseQuery } from '../address.ts';
import { layout, PAGE_HEADERS } from '../layout.ts';
import type { ViewerOptions } from '../routes.ts';
import { notThere, type OfHost, visibleHost } from '../visible.ts';
import { CHAIN_ROWS, chainPage } from './chain-page.ts';
import { DAY_MS, dateOf, type HostFilter, parseHostFilter } from './filter.ts';
import { hostPage } from './page.ts';
import { ROWS } from './timeline.ts';

const CONTROLS = CHECKS.map(({ id }) => id);
const ChainQuery = z.object({ after: z.coerce.number().int().min(0).default(0) });

/** A host’s page, and every bundle of each of its chains. */
export function hostRoutes(app: FastifyInstance, options: ViewerOptions): void {
  const { store, interval } = options;

  app.get<OfHost>('/hosts/:host', async (request, reply) => {
    const { fleetHost, enrolled } = await visibleHost(store, request);
    const { host } = fleetHost;
    const { hostId } = host;
    const filter = parseHostFilter(request.query);
    const now = options.now();
    const days = daysUpTo(filter, now);
    const [hours, bundles] = await Promise.all([
      store.days({ hostId, from: days[0] ?? '', to: days.at(-1) ?? '' }),
      store.timeline({
        ...{ hostId, check: filter.check, outcome: filter.outcome, before: filter.before },
        until: filter.to && `${dateOf(Date.parse(filter.to) + DAY_MS)}T00:00:00.000Z`,
        limit: ROWS,
      }),
    ]);
    const to = host.state === 'active' ? now.toISOString() : host.changedAt;
    const span = { days, hours, from: host.enrolledAt, to, interval };
    const rows = CONTROLS.map((check) => ({ check, days: dayStates({ check, ...span }) }));
    const shown = { fleetHost, enrolled, filter, rows, bundles, checks: CONTROLS, now, interval };
    const { reader } = request;
    const page = { title: hostId, reader, place: '/fleet' as const, body: hostPage(shown) };
    return reply.headers(PAGE_HEADERS).send(layout(page));
  });

  app.get<{ Params: { host: string; chain: string } }>(
    '/hosts/:host/chains/:chain',
    async (request, reply) => {
      const { fleetHost } = await visibleHost(store, request);
      const { hostId } = fleetHost.host;
      const { chain: chainId } = request.params;
      const known = fleetHost.chains.some((chain) => chain.chainId === chainId);
      if (!Uuid.safeParse(chainId).success || !known) throw notThere('chain');
      const { after } = parseQuery(ChainQuery, request.query);
      const place = { sequence: after, arrival: Number.MAX_SAFE_INTEGER };
      const page = { hostId, chainId, after: place, limit: CHAIN_ROWS };
      const body = chainPage({ hostId, chainId, bundles: await store.bundles(page), after });
      const { reader } = request;
      const title = `Chain of ${hostId}`;
      return reply.headers(PAGE_HEADERS).send(layout({ title, reader, place: '/fleet', body }));
    },
  );
}

/** The dates of the heat map, oldest first. */
function daysUpTo({ days, to }: HostFilter, now: Date): string[] {
  const last = Date.parse(to ?? dateOf(now.getTime()));
  return Array.from({ length: days }, (_, at) => dateOf(last - (days - 1 - at) * DAY_MS));
}
