import Fastify, { type FastifyInstance } from 'fastify';
import { createPlatformSigner } from '../src/core/ed25519.ts';
import { bundleBytes } from '../src/core/record.ts';
import { catchUp, checkpointSeal } from '../src/server/log/log.ts';
import { summariseLog } from '../src/server/standing/summarise.ts';
import type { Arrived, Store } from '../src/server/store/store.ts';
import { viewerRoutes } from '../src/server/views/routes.ts';
import { sha256Hex } from '../src/wire/canonical.ts';
import type { Draft } from '../src/wire/evidence.ts';
import { NO_DIGEST } from '../src/wire/primitives.ts';
import { sampleContext, sampleDraft } from './sample.ts';

export const NOW = new Date('2026-11-22T10:00:00.000Z');
export const HOSTS = 1000;
/** Of one host. */
export const BUNDLES = Number(process.env.BENCH_PAGES_BUNDLES ?? 100_000);
const HOUR = 3_600_000;
const CONTROLS = ['antivirus', 'backup', 'encryption', 'firewall', 'logging', 'patching'];

const signer = createPlatformSigner(Buffer.alloc(32, 9));

/** A fleet of which one host has years of evidence: thirty bundles a day, of which 24 attest. */
export async function fillStore(store: Store): Promise<void> {
  for (let host = 0; host < HOSTS; host += 1) {
    const key = createPlatformSigner(Buffer.from(sha256Hex(String(host)), 'hex'));
    await store.enrol({
      ...{
        hostId: `host-${host}`,
        siteId: `site-${host % 40}`,
        resellerId: `reseller-${host % 5}`,
      },
      ...{ keyId: key.keyId, publicKey: key.publicKey, replaceKey: false },
      now: '2017-01-01T00:00:00.000Z',
    });
  }
  for (let first = 0; first < BUNDLES; first += 256) {
    const group = Array.from({ length: Math.min(256, BUNDLES - first) }, (_, at) => first + at);
    const times = group.map((number) => NOW.getTime() - (BUNDLES - number) * (0.8 * HOUR));
    await keepAll(
      store,
      'host-0',
      group.map((number, at) => ({ sequence: number + 1, time: times[at] ?? 0 })),
    );
  }
  const others = Array.from({ length: HOSTS - 1 }, (_, at) => at + 1);
  await Promise.all(
    others.map((host) =>
      keepAll(store, `host-${host}`, [{ sequence: 1, time: NOW.getTime() - host * 1000 }]),
    ),
  );
  await catchUp(store, checkpointSeal({ signer, now: () => NOW }));
  await summariseLog(store);
}

/** Pages only read: these bundles are of the true form and size, their digests and signatures mean nothing. */
function keepAll(store: Store, hostId: string, places: { sequence: number; time: number }[]) {
  return Promise.all(
    places.map(({ sequence, time }) => {
      const at = new Date(time);
      const draft = sequence % 5 === 0 ? sampleDraft(at) : attestation(at, sequence);
      const chainId = '7d9f1a52-5c1e-4a0e-9d55-2f5f6c1c9a10';
      const link = {
        chain_id: chainId,
        sequence,
        previous_digest: NO_DIGEST,
        key_id: signer.keyId,
      };
      const context = { ...sampleContext(), host_id: hostId };
      const bundleId = `00000000-0000-4000-8000-${sequence.toString(16).padStart(12, '0')}`;
      const bytes = bundleBytes({ bundleId, draft, context, link });
      const arrived: Arrived = {
        ...{ hostId, chainId, sequence, bundleId, bytes, keyId: signer.keyId },
        ...{ sha256: sha256Hex(bytes), previousDigest: NO_DIGEST, check: draft.check },
        ...{ outcome: draft.outcome, orderId: null, signature: new Uint8Array(64) },
        ...{ timestampEnd: draft.timestamp_end, receivedAt: NOW.toISOString() },
      };
      const payload = Buffer.from(JSON.stringify({ bundle_sha256: arrived.sha256 }));
      const receipt = {
        payload: payload.toString('base64'),
        signature: Buffer.alloc(64).toString('base64'),
        key_id: signer.keyId,
      };
      return store.keep(arrived, () => ({ fork: false, receipt, successor: null }));
    }),
  );
}

function attestation(at: Date, sequence: number): Draft {
  const verdicts = CONTROLS.map((check, index) => {
    const drifted = (sequence + index) % 97 === 0;
    const verdict = drifted ? 'drifted' : 'compliant';
    const severity = drifted ? 'high' : null;
    return { check, verdict, severity, open_findings: 0, exceptions: [], error: null };
  });
  return {
    ...sampleDraft(at),
    check: 'attestation',
    outcome: 'compliant',
    post_state: { verdicts },
  };
}

/** The pages of one reader, and beside them a page of the same framework that says nothing. */
export async function viewerOf(store: Store): Promise<FastifyInstance> {
  const app = Fastify();
  app.decorateRequest('reader');
  app.addHook('onRequest', async (request) => {
    request.reader = { name: 'bench', role: 'auditor', resellers: null, sites: null };
  });
  const times = { now: () => NOW, interval: 3600, orderRequestTtl: 86_400 };
  viewerRoutes(app, { store, signer, ...times, modules: '' });
  app.get('/empty', async (_request, reply) => reply.type('text/html').send('<!doctype html>'));
  await app.ready();
  return app;
}
