import type { FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';
import type { Enrolled, Store } from '../store/store.ts';
import { clientCertificate } from './certificate.ts';

/** The host that a client certificate names: its one common name (DESIGN 7). */
export function certifiedHost(request: FastifyRequest): string {
  const name = clientCertificate(request)?.commonName ?? null;
  if (name !== null) return name;
  throw new Refusal(403, 'certificate', 'Expected a client certificate with one common name.');
}

/** The enrolled host behind a request; throws 403 for one that is unknown, revoked or retired. */
export async function enrolledHost(request: FastifyRequest, store: Store): Promise<Enrolled> {
  const enrolled = await store.enrolled(certifiedHost(request));
  if (enrolled === null) throw new Refusal(403, 'host_unknown', 'This host is not enrolled.');
  const { state } = enrolled.host;
  if (state !== 'active') throw new Refusal(403, `host_${state}`, `This host is ${state}.`);
  return enrolled;
}
