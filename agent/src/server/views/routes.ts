import type { FastifyInstance } from 'fastify';
import type { Signer } from '../../core/ed25519.ts';
import type { Store } from '../store/store.ts';
import { assetRoutes } from './assets.ts';
import { bundleRoutes } from './bundle/routes.ts';
import { fleetRoutes } from './fleet/routes.ts';
import { hostRoutes } from './host/routes.ts';
import { orderPages } from './orders/routes.ts';

export type ViewerOptions = {
  readonly store: Store;
  /** The server’s receipt key. */
  readonly signer: Signer;
  readonly now: () => Date;
  /** Seconds between attestations. */
  readonly interval: number;
  /** Seconds for which a request for an order waits for an operator. */
  readonly orderRequestTtl: number;
  /** Folder of the modules that browsers run (`scripts/build.mjs`). */
  readonly modules: string;
};

/** The evidence viewer: pages that are whole without script. For routes behind `admitReaders` alone. */
export function viewerRoutes(app: FastifyInstance, options: ViewerOptions): void {
  assetRoutes(app, options);
  fleetRoutes(app, options);
  hostRoutes(app, options);
  bundleRoutes(app, options);
  orderPages(app, options);
}
