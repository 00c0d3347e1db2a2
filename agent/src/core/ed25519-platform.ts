import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { sha256Hex } from '../wire/canonical.ts';
import { FailureError } from '../wire/failure.ts';
import { acceptablePublicKey, acceptableSignature } from './ed25519-form.ts';

/** Makes 64-byte Ed25519 signatures (RFC 8032 section 5.1.6). `publicKey` is 32 raw bytes, `keyId` their SHA-256. */
export type Signer = {
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
};

/** Says whether 64 bytes are a signature of a message; false for anything malformed, never a throw. */
export type Verifier = {
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
};

export const SEED_BYTES = 32;

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** `key_id`: lower-case hex SHA-256 of the raw public key (DESIGN 6a). */
export const keyIdOf = (publicKey: Uint8Array): string => sha256Hex(publicKey);

/**
 * Signs by the platform’s Ed25519, for agent and server: the same bytes as tweetnacl’s (RFC 8032 is deterministic) in
 * constant time and a fortieth of its own.
 */
export function createPlatformSigner(seed: Uint8Array): Signer {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = Uint8Array.from(spki.subarray(SPKI_PREFIX.length));
  return { keyId: keyIdOf(publicKey), publicKey, sign: (message) => sign(null, message, key) };
}

/** As `createVerifier`, by the platform’s Ed25519: for servers and bulk verification. Refuses the same. */
export function createPlatformVerifier(publicKey: Uint8Array): Verifier {
  const raw = refuseUnacceptable(publicKey);
  const key = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, raw]),
    format: 'der',
    type: 'spki',
  });
  return {
    keyId: keyIdOf(raw),
    publicKey: raw,
    verify: (message, signature) =>
      acceptableSignature(signature) && verify(null, message, key, signature),
  };
}

/** A copy of a public key; throws `rejected` for one that implementations accept and we do not. */
export function refuseUnacceptable(publicKey: Uint8Array): Uint8Array {
  if (acceptablePublicKey(publicKey)) return Uint8Array.from(publicKey);
  throw new FailureError('rejected', { reason: 'unacceptable public key' });
}
