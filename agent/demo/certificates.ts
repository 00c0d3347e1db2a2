import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 3600 * 1000;

/** A certificate and its key, both PEM (PKCS#8). */
export type Issued = { readonly certificate: string; readonly key: string };

/** When a certificate holds; an hour ago to a year ahead unless said otherwise. */
type Validity = { readonly notBefore?: Date; readonly notAfter?: Date };

/** A certificate authority for the demo and the tests. Its key never leaves this process. */
export type Authority = {
  /** The authority’s own certificate, PEM. */
  readonly certificate: string;
  /** For a server, valid for each of `names`: host names and IP addresses. */
  issueServer(options: Validity & { names: readonly string[] }): Promise<Issued>;
  /** For a client; the common name is the host id (DESIGN 7). */
  issueClient(options: Validity & { commonName: string }): Promise<Issued>;
};

export async function createAuthority({
  name,
  ...validity
}: Validity & { name: string }): Promise<Authority> {
  const keys = await generateKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: ALGORITHM,
    ...span(validity),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  const issue = async (
    commonName: string,
    times: Validity,
    extensions: x509.Extension[],
  ): Promise<Issued> => {
    const own = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [commonName] }],
      issuer: authority.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...span(times),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ...extensions,
      ],
    });
    const key = await crypto.subtle.exportKey('pkcs8', own.privateKey);
    return {
      certificate: pem(certificate.toString('pem')),
      key: pem(x509.PemConverter.encode(key, 'PRIVATE KEY')),
    };
  };

  return {
    certificate: pem(authority.toString('pem')),
    issueServer: ({ names, ...times }) =>
      issue(names[0] ?? 'localhost', times, [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({
            type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
            value,
          })),
        ),
      ]),
    issueClient: ({ commonName, ...times }) =>
      issue(commonName, times, [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ]),
  };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function span({ notBefore, notAfter }: Validity): Required<Validity> {
  return {
    notBefore: notBefore ?? new Date(Date.now() - 3600 * 1000),
    notAfter: notAfter ?? new Date(Date.now() + 365 * DAY_MS),
  };
}

const pem = (text: string): string => `${text.trim()}\n`;
