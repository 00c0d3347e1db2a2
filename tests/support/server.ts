import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Issued } from '../../agent/demo/certificates.ts';
import {
  createPlatformSigner,
  createPlatformVerifier,
  type Signer,
} from '../../agent/src/core/ed25519.ts';
import { type AppLimits, createApp } from '../../agent/src/server/http/app.ts';
import type { Store } from '../../agent/src/server/store/store.ts';
import type { TestAuthority } from './ca.ts';
import { CHAIN } from './chain.ts';
import { databaseUnderTest } from './server-stores.ts';
import { DIST } from './suite.ts';

export const NOW = new Date('2026-11-22T10:00:00.000Z');
export const LIMITS: AppLimits = {
  headerTimeout: 2,
  requestTimeout: 4,
  idleTimeout: 5,
  maxConnections: 64,
  orderRequestTtl: 3600,
  attestationInterval: 3600,
};

/** Whose orders the test server imports. */
export const OPERATOR = createPlatformSigner(new Uint8Array(32).fill(5));

export type TestServer = {
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  /** The file of an SQLite database. */
  readonly path: string;
  /** The server’s receipt key. */
  readonly signer: Signer;
  /** What the server takes for the present. */
  clock: Date;
  enrol(hostId: string, key: Signer): Promise<void>;
  close(): Promise<void>;
};

/** The real server on loopback, with a database of its own. */
export async function testServer(
  ca: TestAuthority,
  { limits = {}, certificate }: { limits?: Partial<AppLimits>; certificate?: Issued } = {},
): Promise<TestServer> {
  const database = await databaseUnderTest();
  const store = await database.open();
  const signer = createPlatformSigner(new Uint8Array(32).fill(99));
  const { certificate: cert, key } = certificate ?? (await ca.server());
  const app = await createApp({
    store,
    signer,
    now: () => server.clock,
    operators: () => [createPlatformVerifier(OPERATOR.publicKey)],
    tls: { ca: ca.authority.certificate, cert, key },
    limits: { ...LIMITS, ...limits },
    modules: join(DIST, 'viewer'),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const server: TestServer = {
    url: `https://127.0.0.1:${port}`,
    port,
    store,
    path: database.path ?? '',
    signer,
    clock: NOW,
    enrol: (hostId, key) => enrolHost(store, hostId, key),
    async close() {
      app.server.closeAllConnections();
      await app.close();
      await store.close();
      await database.remove();
    },
  };
  return server;
}

export async function enrolHost(store: Store, hostId: string, key: Signer): Promise<void> {
  await store.enrol({
    hostId,
    siteId: 'clinic-1',
    resellerId: null,
    keyId: key.keyId,
    publicKey: key.publicKey,
    replaceKey: false,
    now: NOW.toISOString(),
  });
}

/** What the server keeps of the test chain of `host-1`: exact bytes in base64, forks apart. */
export async function keptBundles(store: Store): Promise<{ kept: string[]; forks: string[] }> {
  const page = { hostId: 'host-1', chainId: CHAIN, after: null, limit: 99 };
  const bundles = await store.bundles(page);
  const of = (fork: boolean) =>
    bundles
      .filter((bundle) => bundle.fork === fork)
      .map(({ bytes }) => Buffer.from(bytes).toString('base64'));
  return { kept: of(false), forks: of(true) };
}
