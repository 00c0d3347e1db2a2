import type { FastifyInstance, FastifyReply } from 'fastify';
import { CHECKS } from '../../checks/index.ts';
import type { Store } from '../store/store.ts';
import { parseFleetFilter } from './fleet/filter.ts';
import { fleetPage, limitOf } from './fleet/page.ts';
import { layout, PAGE_HEADERS } from './layout.ts';
import { VIEWER_STYLE } from './style.ts';

export type ViewerOptions = {
  readonly store: Store;
  readonly now: () => Date;
  /** Seconds between attestations. */
  readonly interval: number;
};

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#25569c" d="M8 1 2 3v5c0 4 3 6 6 7 3-1 6-3 6-7V3z"/><path fill="none" stroke="#fff" stroke-width="2" d="m5 8 2 2 4-4"/></svg>`;
const ASSETS = [
  ['style.css', 'text/css; charset=utf-8', VIEWER_STYLE],
  ['icon.svg', 'image/svg+xml', ICON],
] as const;

const CONTROLS = CHECKS.map(({ id }) => id);

/** The evidence viewer: pages that are whole without script. For routes behind `admitReaders` alone. */
export function viewerRoutes(app: FastifyInstance, options: ViewerOptions): void {
  const { store, now, interval } = options;

  app.get('/', (_request, reply) => reply.redirect('/fleet', 303));

  for (const [name, type, text] of ASSETS)
    app.get(`/assets/${name}`, (_request, reply) =>
      reply.headers({ ...PAGE_HEADERS, 'content-type': type }).send(text),
    );

  app.get('/fleet', async (request, reply) => {
    const { reader } = request;
    const filter = parseFleetFilter(request.query);
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
    return send(reply, layout({ title: 'Fleet', reader, place: '/fleet', body }));
  });
}

const send = (reply: FastifyReply, page: string) => reply.headers(PAGE_HEADERS).send(page);
