import type { FastifyInstance } from 'fastify';
import type { Store } from '../store/store.ts';
import { takeForms } from './form-body.ts';
import { checkSameOrigin } from './same-origin.ts';
import {
  NO_SESSION_COOKIE,
  newSession,
  secretDigest,
  sessionCookie,
  sessionOf,
} from './session.ts';
import { signInPage } from './sign-in-page.ts';

export const SIGN_IN = '/sign-in';
export const SIGN_OUT = '/sign-out';

/** The one form that anybody may see: a one-time token becomes a session, and a session ends. */
export async function signInRoutes(
  app: FastifyInstance,
  { store, now }: { store: Store; now: () => Date },
): Promise<void> {
  takeForms(app);
  app.addHook('onRequest', async (request, reply) => {
    checkSameOrigin(request);
    reply.header('cache-control', 'no-store');
  });

  app.get(SIGN_IN, (_request, reply) => signInPage(reply, { refused: false }));

  app.post(SIGN_IN, async (request, reply) => {
    const { body } = request;
    const token = body instanceof URLSearchParams ? (body.get('token') ?? '').trim() : '';
    const session = newSession(now());
    const reader = await store.openSession({
      tokenSha256: secretDigest(token),
      sha256: session.sha256,
      expiresAt: session.expiresAt,
      now: now().toISOString(),
    });
    if (reader === null) return signInPage(reply.code(403), { refused: true });
    request.log.info({ reader: reader.name }, 'a reader signed in');
    return reply.header('set-cookie', sessionCookie(session)).redirect('/', 303);
  });

  app.post(SIGN_OUT, async (request, reply) => {
    const session = sessionOf(request);
    if (session !== null) await store.endSession(session);
    return reply.header('set-cookie', NO_SESSION_COOKIE).redirect(SIGN_IN, 303);
  });
}
