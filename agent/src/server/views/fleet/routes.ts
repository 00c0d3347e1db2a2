import type { FastifyInstance } from 'fastify';
import { CHECKS } from '../../../checks/index.ts';
import { layout, PAGE_HEADERS } from '../layout.ts';
import type { ViewerOptions } from '../routes.ts';
import { parseFleetFilter } from './filter.ts';
import { fleetPage, limitOf } from './page.ts';

const CONTROLS = CHECKS.map(({ id }) => id);

export function fleetRoutes(app: FastifyInstance, { store, now, interval }: ViewerOptions): void {
  app.get('/', (_request, reply) => reply.redirect('/fleet', 303));

  app.get('/fleet', async ({ reader, query }, reply) => {
    const filter = parseFleetFilter(query);
    const at = { now: now(), interval };
    const page = await store.fleet({
      scope: reader,
      search: filter.q,
      state: filter.state === 'any' ? null : filter.state,
      standing: filter.standing,
      control: filter.control,
      alarm: filter.alarm,
      heardSince: limitOf(at),
      after: filter.after,
      limit: filter.rows,
    });
    const body = fleetPage({ page, filter, controls: CONTROLS, ...at });
    return reply
      .headers(PAGE_HEADERS)
      .send(layout({ title: 'Fleet', reader, place: '/fleet', body }));
  });
}
