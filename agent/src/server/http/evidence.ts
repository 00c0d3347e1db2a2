import type { FastifyInstance } from 'fastify';
import type { Signer } from '../../core/ed25519.ts';
import { ROUTES } from '../../wire/routes.ts';
import { takeEvidence } from '../intake/intake.ts';
import type { Store } from '../store/store.ts';
import { readEvidenceForm } from './form.ts';
import { enrolledHost } from './host.ts';

/** `POST /api/evidence`: 201 and a receipt; 200 and the same receipt for the same bytes; 409 for a fork. */
export function evidenceRoutes(
  app: FastifyInstance,
  { store, signer, now }: { store: Store; signer: Signer; now: () => Date },
): void {
  app.post(ROUTES.evidence, async (request, reply) => {
    const { host, keys } = await enrolledHost(request, store);
    const { bytes, signature } = await readEvidenceForm(request);
    const { status, ...answer } = await takeEvidence({
      store,
      signer,
      keys,
      hostId: host.hostId,
      bytes,
      signature,
      now: now(),
    });
    return reply.code(status).send(answer);
  });
}
