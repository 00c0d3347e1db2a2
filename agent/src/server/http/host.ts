import type { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';
import type { Enrolled, Store } from '../store/store.ts';

/** A connection’s certificate never changes, and reading it costs more than parsing a request. */
const names = new WeakMap<TLSSocket, string | null>();

function commonName(socket: TLSSocket): string | null {
  // An array where a certificate carries several common names: none of them is believed.
  const name: unknown = socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined;
  return typeof name === 'string' && name !== '' ? name : null;
}

/** The host that a client certificate names: its one common name (DESIGN 7). The TLS layer has checked the chain. */
export function certifiedHost(request: FastifyRequest): string {
  const socket = request.raw.socket as TLSSocket;
  let name = names.get(socket);
  if (name === undefined) {
    name = commonName(socket);
    names.set(socket, name);
  }
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
