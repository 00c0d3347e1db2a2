import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { sha256Hex } from '../../wire/canonical.ts';

/** Browsers take a `__Host-` cookie only of this very host, over TLS and for every path (RFC 6265bis, 4.1.3.2). */
const NAME = '__Host-session';
const SESSION_HOURS = 12;
const TOKEN_MINUTES = 10;

/** What is given to a reader, what is stored of it, and until when it counts. */
export type Secret = { readonly text: string; readonly sha256: string; readonly expiresAt: string };

const secret = (now: Date, minutes: number): Secret => {
  const text = randomBytes(32).toString('base64url');
  const expiresAt = new Date(now.getTime() + minutes * 60_000).toISOString();
  return { text, sha256: secretDigest(text), expiresAt };
};
export const newToken = (now: Date): Secret => secret(now, TOKEN_MINUTES);
export const newSession = (now: Date): Secret => secret(now, SESSION_HOURS * 60);
/** 256 random bits need no slow hash. */
export const secretDigest = (text: string): string => sha256Hex(Buffer.from(text));

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';
export const sessionCookie = ({ text }: Secret): string =>
  `${NAME}=${text}; Max-Age=${SESSION_HOURS * 3600}; ${ATTRIBUTES}`;
export const NO_SESSION_COOKIE = `${NAME}=; Max-Age=0; ${ATTRIBUTES}`;

/** SHA-256 of the session that a request names; null where it names none. */
export function sessionOf({ headers }: FastifyRequest): string | null {
  const [, text] =
    /(?:^|; )__Host-session=([A-Za-z0-9_-]{43})(?:;|$)/.exec(headers.cookie ?? '') ?? [];
  return text === undefined ? null : secretDigest(text);
}
