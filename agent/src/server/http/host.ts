import { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';
import type { Enrolled, Store } from '../store/store.ts';

/** What NGINX says of a client: that it verified the certificate, and the certificate itself, PEM in URL encoding. */
export const VERIFIED_HEADER = 'x-client-verify';
export const CERTIFICATE_HEADER = 'x-client-certificate';

/**
 * The host that a client certificate names: its one common name (DESIGN 7). Over TLS the certificate is that of the
 * connection, and no header says otherwise. A connection without TLS comes by the socket that only NGINX can reach.
 */
export function certifiedHost(request: FastifyRequest): string {
  const { socket } = request.raw;
  const name = socket instanceof TLSSocket ? ofConnection(socket) : ofProxy(request);
  if (name !== null) return name;
  throw new Refusal(403, 'certificate', 'Expected a client certificate with one common name.');
}

/** A connection’s certificate never changes, and reading it costs more than parsing a request. */
const byConnection = new WeakMap<TLSSocket, string | null>();

function ofConnection(socket: TLSSocket): string | null {
  let name = byConnection.get(socket);
  if (name === undefined) {
    // An array where a certificate carries several common names: none of them is believed.
    const found: unknown = socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined;
    name = typeof found === 'string' && found !== '' ? found : null;
    byConnection.set(socket, name);
  }
  return name;
}

const MAX_KEPT = 4096;
const byCertificate = new Map<string, string | null>();

function ofProxy({ headers }: FastifyRequest): string | null {
  const certificate = headers[CERTIFICATE_HEADER];
  if (headers[VERIFIED_HEADER] !== 'SUCCESS' || typeof certificate !== 'string') return null;
  let name = byCertificate.get(certificate);
  if (name === undefined) {
    name = commonName(certificate);
    if (byCertificate.size >= MAX_KEPT) byCertificate.clear();
    byCertificate.set(certificate, name);
  }
  return name;
}

function commonName(escaped: string): string | null {
  try {
    const { subject } = new X509Certificate(decodeURIComponent(escaped));
    const names = subject.split('\n').filter((line) => line.startsWith('CN='));
    return names.length === 1 ? (names[0] ?? '').slice(3) || null : null;
  } catch {
    return null; // what is no certificate names nobody
  }
}

/** The enrolled host behind a request; throws 403 for one that is unknown, revoked or retired. */
export async function enrolledHost(request: FastifyRequest, store: Store): Promise<Enrolled> {
  const enrolled = await store.enrolled(certifiedHost(request));
  if (enrolled === null) throw new Refusal(403, 'host_unknown', 'This host is not enrolled.');
  const { state } = enrolled.host;
  if (state !== 'active') throw new Refusal(403, `host_${state}`, `This host is ${state}.`);
  return enrolled;
}
