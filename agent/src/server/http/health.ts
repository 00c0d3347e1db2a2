import type { FastifyInstance } from 'fastify';
import { VERSION } from '../../version.ts';
import { type HealthAnswer, ROUTES } from '../../wire/routes.ts';

/** Liveness, version and clock, for anybody. */
export function healthRoute(app: FastifyInstance, { now }: { now: () => Date }): void {
  app.get(
    ROUTES.health,
    async (): Promise<HealthAnswer> => ({
      status: 'ok',
      version: VERSION,
      time: now().toISOString(),
    }),
  );
}
