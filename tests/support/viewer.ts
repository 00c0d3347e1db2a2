import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { type Browser, chromium, type Page } from 'playwright-core';
import { createPlatformSigner, type Signer } from '../../agent/src/core/ed25519.ts';
import { answerErrors } from '../../agent/src/server/http/errors.ts';
import { takeEvidence } from '../../agent/src/server/intake/intake.ts';
import { catchUp, checkpointSeal } from '../../agent/src/server/log/log.ts';
import { summariseLog } from '../../agent/src/server/standing/summarise.ts';
import { openSqliteStore } from '../../agent/src/server/store/sqlite/open.ts';
import type { Reader, Store } from '../../agent/src/server/store/store.ts';
import { viewerRoutes } from '../../agent/src/server/views/routes.ts';
import type { Draft, HostContext } from '../../agent/src/wire/evidence.ts';
import { type Signed, signedBundle } from './chain.ts';
import { DIST } from './suite.ts';

export const NOW = new Date('2026-11-22T10:00:00.000Z');
/** Seconds between attestations. */
export const INTERVAL = 3600;
export const SERVER_KEY = createPlatformSigner(new Uint8Array(32).fill(99));
export const READER: Reader = {
  name: 'Ada Auditor',
  role: 'auditor',
  resellers: null,
  sites: null,
};

/** A host of a test fleet: what it says is signed, sent and kept as a real one’s. */
export type TestHost = {
  readonly hostId: string;
  readonly signer: Signer;
  say(at: string, draft: Partial<Draft>): Promise<Signed>;
  /** Signs a bundle that never comes. */
  lose(): void;
  /** Goes on from an earlier bundle, as a host restored from a backup does. */
  goBackTo(bundle: Signed): void;
};

let chains = 0;

/** Enrols a host whose bundles then go through the real intake. `at` is when the server receives them, too. */
export async function testHost(
  store: Store,
  hostId: string,
  { siteId = 'clinic-1', resellerId = null as string | null } = {},
): Promise<TestHost> {
  chains += 1;
  const signer = createPlatformSigner(new Uint8Array(32).fill((chains % 250) + 1));
  const chainId = `7d9f1a52-5c1e-4a0e-9d55-${chains.toString(16).padStart(12, '0')}`;
  const { keyId, publicKey } = signer;
  const enrolling = { hostId, siteId, resellerId, keyId, publicKey, replaceKey: false };
  await store.enrol({ ...enrolling, now: '2026-11-14T00:00:00.000Z' });
  let last: Signed | null = null;
  const sign = (draft: Partial<Draft>): Signed => {
    const context: Partial<HostContext> = { host_id: hostId, site_id: siteId };
    return signedBundle({
      ...{ signer, chainId, context, draft },
      ...(last && { sequence: last.sequence + 1, previous: last.sha256 }),
    });
  };
  return {
    hostId,
    signer,
    lose() {
      last = sign({});
    },
    goBackTo(bundle) {
      last = bundle;
    },
    async say(at, draft) {
      const { keys = [] } = (await store.enrolled(hostId)) ?? {};
      const next = sign({ timestamp_start: at, timestamp_end: at, ...draft });
      const { bytes, signature } = next;
      const kept = { store, signer: SERVER_KEY, keys, hostId, bytes, signature };
      await takeEvidence({ ...kept, now: new Date(at) });
      last = next;
      return next;
    },
  };
}

/** Brings what was said into the log and onto the pages, as a server does by itself every second. */
export async function settle(store: Store): Promise<void> {
  await catchUp(store, checkpointSeal({ signer: SERVER_KEY, now: () => NOW }));
  await summariseLog(store);
}

export function viewerDatabase(): { store: Store; remove(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'compliance-viewer-'));
  const store = openSqliteStore(join(folder, 'server.db'));
  return {
    store,
    async remove() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The viewer’s pages for one reader, without TLS: browsers trust loopback with their cryptography. */
export async function viewerApp(store: Store, reader: Reader = READER, now: Date = NOW) {
  const app = Fastify();
  answerErrors(app);
  app.decorateRequest('reader');
  app.addHook('onRequest', async (request) => {
    request.reader = reader;
  });
  const modules = join(DIST, 'viewer');
  viewerRoutes(app, {
    store,
    signer: SERVER_KEY,
    now: () => now,
    interval: INTERVAL,
    orderRequestTtl: 86_400,
    modules,
  });
  await app.ready();
  return app;
}

export const listening = async (app: Awaited<ReturnType<typeof viewerApp>>): Promise<string> => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
};

/** Debian’s Chromium. As root it has no sandbox of its own. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });

/** Pictures of the pages: kept where `COMPLIANCE_SCREENSHOTS` says, as CI does. */
const screenshots = process.env.COMPLIANCE_SCREENSHOTS;

export async function screenshot(page: Page, name: string): Promise<void> {
  if (screenshots === undefined) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}
