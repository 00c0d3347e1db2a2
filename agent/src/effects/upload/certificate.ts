import { createPrivateKey, X509Certificate } from 'node:crypto';
import { FailureError } from '../../wire/failure.ts';

const DAY_MS = 24 * 3600 * 1000;
/** A certificate that ends within this many days is reported. */
const NOTICE_DAYS = 30;

export type Expiry = {
  readonly expires: Date;
  /** Whole days that are left; negative once it has ended. */
  readonly daysLeft: number;
  readonly state: 'valid' | 'expiring' | 'expired';
};

/** Parses the first certificate of a PEM file. */
export function readCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new FailureError('malformed', { path, reason: 'not a PEM certificate' }, { cause });
  }
}

/** Throws `malformed` where a PEM key is not that of a certificate: said now, not with the first connection. */
export function demandKeyOf(certificate: X509Certificate, pem: string): void {
  const reason = 'TLS files';
  try {
    if (certificate.checkPrivateKey(createPrivateKey(pem))) return;
  } catch (cause) {
    throw new FailureError('malformed', { reason }, { cause });
  }
  throw new FailureError('malformed', { reason });
}

/** When a certificate ends, and whether that is soon enough to say so. */
export function expiryOf(certificate: X509Certificate, now: Date): Expiry {
  const expires = new Date(certificate.validTo);
  const left = expires.getTime() - now.getTime();
  const state = left <= 0 ? 'expired' : left <= NOTICE_DAYS * DAY_MS ? 'expiring' : 'valid';
  return { expires, daysLeft: Math.floor(left / DAY_MS), state };
}
