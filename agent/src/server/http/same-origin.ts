import type { FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';

/**
 * Throws 403 for a POST that another site’s page made the reader’s browser send. Browsers say where a POST comes from
 * (Fetch standard: Origin; Fetch Metadata: Sec-Fetch-Site); who says nothing is refused too.
 */
export function checkSameOrigin({ method, headers }: FastifyRequest): void {
  if (method !== 'POST') return;
  const site = headers['sec-fetch-site'];
  const same =
    site === undefined ? headers.origin === `https://${headers.host}` : site === 'same-origin';
  if (!same) throw new Refusal(403, 'other_origin', 'Expected a form of this server.', 'origin');
}
