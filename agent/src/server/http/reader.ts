import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';
import type { Reader, Store } from '../store/store.ts';
import { clientCertificate } from './certificate.ts';
import { checkSameOrigin } from './same-origin.ts';
import { sessionOf } from './session.ts';
import { SIGN_IN } from './sign-in.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who reads: set for every route behind `admitReaders`, and for no other. */
    reader: Reader;
  }
}

/**
 * Lets only readers to the routes of `pages`: a reader’s own certificate, or a session. Asked of the store at each
 * request, so that a revocation counts from the next one on. A page sends others to the form; the rest is 401.
 */
export function admitReaders(
  pages: FastifyInstance,
  { store, now }: { store: Store; now: () => Date },
): void {
  pages.decorateRequest('reader');
  pages.addHook('onRequest', async (request, reply) => {
    checkSameOrigin(request);
    const reader = await readerOf(request, store, now());
    if (reader !== null) {
      request.reader = reader;
      return;
    }
    if (request.method === 'GET' && request.headers.accept?.includes('text/html')) {
      return reply.redirect(SIGN_IN, 303);
    }
    throw new Refusal(401, 'not_signed_in', 'Expected a reader’s certificate or a session.');
  });
}

async function readerOf(request: FastifyRequest, store: Store, now: Date): Promise<Reader | null> {
  const certificate = clientCertificate(request);
  const known = certificate && (await store.readerOfCertificate(certificate.sha256));
  if (known !== null) return known;
  const session = sessionOf(request);
  return session === null ? null : store.readerOfSession(session, now.toISOString());
}

/** Throws 403 for a reader who may only look. */
export function checkOperator({ reader }: FastifyRequest): void {
  if (reader.role === 'operator') return;
  throw new Refusal(403, 'read_only', 'An auditor may read and change nothing.');
}
