import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Signer } from '../../core/ed25519.ts';
import { ROUTES } from '../../wire/routes.ts';
import { takeEvidence } from '../intake/intake.ts';
import type { Enrolled, Store } from '../store/store.ts';
import { MAX_FORM_BYTES, needLength, readEvidenceForm } from './form.ts';
import { enrolledHost } from './host.ts';

/** `POST /api/evidence`: 201 and a receipt; 200 and the same receipt for the same bytes; 409 for a fork. */
export async function evidenceRoutes(
  app: FastifyInstance,
  { store, signer, now }: { store: Store; signer: Signer; now: () => Date },
): Promise<void> {
  const senders = new WeakMap<object, Enrolled>();
  const form = { parseAs: 'buffer', bodyLimit: MAX_FORM_BYTES } as const;
  app.addContentTypeParser('multipart/form-data', form, (_request, body, done) => done(null, body));

  // Who sends is known before anything of the body is read.
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    senders.set(request, await enrolledHost(request, store));
    needLength(request);
  };
  app.post(ROUTES.evidence, { onRequest }, async (request, reply) => {
    const { host, keys } = senders.get(request) as Enrolled;
    const { status, ...answer } = await takeEvidence({
      store,
      signer,
      keys,
      hostId: host.hostId,
      ...readEvidenceForm(request),
      now: now(),
    });
    return reply.code(status).send(answer);
  });
}
