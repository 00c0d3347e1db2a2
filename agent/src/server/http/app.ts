import type { Server, ServerOptions } from 'node:https';
import multipart from '@fastify/multipart';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Signer, Verifier } from '../../core/ed25519.ts';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import { viewerRoutes } from '../views/routes.ts';
import { refuseFalseCertificates } from './certificate.ts';
import { answerClientError, answerErrors } from './errors.ts';
import { evidenceRoutes } from './evidence.ts';
import { MAX_FORM_BYTES } from './form.ts';
import { healthRoute } from './health.ts';
import { logRoutes } from './log.ts';
import { orderActions } from './order-actions.ts';
import { orderRoutes } from './orders.ts';
import { admitReaders } from './reader.ts';
import { signInRoutes } from './sign-in.ts';

export type AppOptions = {
  readonly store: Store;
  /** The server’s receipt key. */
  readonly signer: Signer;
  readonly now: () => Date;
  /**
   * PEM: authority of the hosts’ certificates, and the server’s own certificate and key. Null behind NGINX, which
   * verifies them: then the server may listen on nothing but a socket that only NGINX can reach.
   */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | null;
  /** Folder of the modules that browsers run. */
  readonly modules: string;
  readonly limits: AppLimits;
  /** Public keys of operators whose orders are imported, as they are now. */
  readonly operators: () => readonly Verifier[];
  readonly logger?: FastifyBaseLogger;
};

export type AppLimits = {
  /** Seconds until a request’s headers, and the whole request, must be there. */
  readonly headerTimeout: number;
  readonly requestTimeout: number;
  /** Seconds for which a connection may be idle. */
  readonly idleTimeout: number;
  readonly maxConnections: number;
  /** Seconds for which a request for an order waits for an operator. */
  readonly orderRequestTtl: number;
  /** Seconds between attestations of a host. */
  readonly attestationInterval: number;
};

/**
 * The server, not yet listening. Without a certificate of the authority there is `/health` and the form to sign in;
 * with one that does not hold there is nothing.
 */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { limits, logger } = options;
  const http = {
    headersTimeout: limits.headerTimeout * 1000,
    requestTimeout: limits.requestTimeout * 1000,
    keepAliveTimeout: limits.idleTimeout * 1000,
    connectionsCheckingInterval: Math.min(1000, limits.headerTimeout * 500), // when Node looks at those
    maxHeaderSize: 16 * 1024,
  };
  const https: ServerOptions | null = options.tls && {
    ...http,
    ...options.tls,
    requestCert: true,
    rejectUnauthorized: false, // by `refuseFalseCertificates`
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.headerTimeout * 1000,
  };
  const app: FastifyInstance = Fastify({
    ...(https === null ? { http } : { https }),
    bodyLimit: MAX_FORM_BYTES,
    requestTimeout: limits.requestTimeout * 1000,
    keepAliveTimeout: limits.idleTimeout * 1000,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerClientError,
    ...logging(logger),
  });
  if (https !== null) refuseFalseCertificates(app.server as Server);
  app.server.maxConnections = limits.maxConnections;
  answerErrors(app);
  refuseNul(app);
  healthRoute(app, options);
  await app.register(evidenceRoutes, options);
  logRoutes(app, options);
  orderRoutes(app, options);
  await app.register(signInRoutes, options);
  await app.register(async (pages) => {
    await pages.register(multipart);
    admitReaders(pages, options);
    viewerRoutes(pages, { ...options, ...limits, interval: limits.attestationInterval });
    pages.get('/api/reader', async ({ reader }) => reader);
    await pages.register(orderActions, options);
  });
  return app;
}

/** No name, filter or search has a NUL in it, and PostgreSQL takes none in text. */
function refuseNul(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ url }) => {
    if (url.includes('%00')) throw new Refusal(400, 'bad_request', 'The address holds a NUL.');
  });
}

/**
 * What is refused or fails is logged; each request is only at `debug`, since two lines and a logger of its own for every
 * bundle cost as much as parsing it.
 */
function logging(logger: FastifyBaseLogger | undefined) {
  if (logger === undefined) return {};
  if (['debug', 'trace'].includes(logger.level)) return { loggerInstance: logger };
  const logController = new LogController({ disableRequestLogging: true });
  return { loggerInstance: logger, logController, childLoggerFactory: () => logger };
}
