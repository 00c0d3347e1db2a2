import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';

/** What NGINX says of a client: that it verified the certificate, and the certificate itself, PEM in URL encoding. */
export const VERIFIED_HEADER = 'x-client-verify';
export const CERTIFICATE_HEADER = 'x-client-certificate';

/** A client’s verified certificate. */
export type ClientCertificate = {
  /** Null unless it carries exactly one: of several none is believed. */
  readonly commonName: string | null;
  /** Of the whole certificate, lower-case hex. */
  readonly sha256: string;
};

/**
 * The verified certificate behind a request; null where there is none. Over TLS it is that of the connection, and no
 * header says otherwise. A connection without TLS comes by the socket that only NGINX can reach.
 */
export function clientCertificate(request: FastifyRequest): ClientCertificate | null {
  const { socket } = request.raw;
  return socket instanceof TLSSocket ? ofConnection(socket) : ofProxy(request);
}

/**
 * A client may come without a certificate, and then sees no more than the form to sign in. One whose certificate does
 * not hold gets no answer.
 */
export function refuseFalseCertificates(server: Server): void {
  server.on('secureConnection', (socket: TLSSocket) => {
    if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) socket.destroy();
  });
}

/** A connection’s certificate never changes, and reading it costs more than parsing a request. */
const byConnection = new WeakMap<TLSSocket, ClientCertificate | null>();

function ofConnection(socket: TLSSocket): ClientCertificate | null {
  let certificate = byConnection.get(socket);
  if (certificate === undefined) {
    const found = socket.authorized ? socket.getPeerX509Certificate() : undefined;
    certificate = found === undefined ? null : readCertificate(found);
    byConnection.set(socket, certificate);
  }
  return certificate;
}

const MAX_KEPT = 4096;
const byHeader = new Map<string, ClientCertificate | null>();

function ofProxy({ headers }: FastifyRequest): ClientCertificate | null {
  const escaped = headers[CERTIFICATE_HEADER];
  if (headers[VERIFIED_HEADER] !== 'SUCCESS' || typeof escaped !== 'string') return null;
  let certificate = byHeader.get(escaped);
  if (certificate === undefined) {
    certificate = parse(escaped);
    if (byHeader.size >= MAX_KEPT) byHeader.clear();
    byHeader.set(escaped, certificate);
  }
  return certificate;
}

function parse(escaped: string): ClientCertificate | null {
  try {
    return readCertificate(new X509Certificate(decodeURIComponent(escaped)));
  } catch {
    return null; // what is no certificate names nobody
  }
}

/** What the server goes by in a certificate, whoever verified it. */
export function readCertificate({ subject, fingerprint256 }: X509Certificate): ClientCertificate {
  const names = (subject ?? '').split('\n').filter((line) => line.startsWith('CN='));
  const commonName = names.length === 1 ? (names[0] ?? '').slice(3) || null : null;
  return { commonName, sha256: fingerprint256.replaceAll(':', '').toLowerCase() };
}
