import nacl from 'tweetnacl';
import { acceptableSignature } from './ed25519-form.ts';
import { keyIdOf, refuseUnacceptable, type Signer, type Verifier } from './ed25519-platform.ts';

export { acceptablePublicKey, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from './ed25519-form.ts';
export {
  createPlatformSigner,
  createPlatformVerifier,
  keyIdOf,
  SEED_BYTES,
  type Signer,
  type Verifier,
} from './ed25519-platform.ts';

/** Signs by tweetnacl, of a 32-byte seed: the second implementation to which the vectors hold the platform’s. */
export function createSigner(seed: Uint8Array): Signer {
  const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(Uint8Array.from(seed));
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: (message) => nacl.sign.detached(message, secretKey),
  };
}

/** Verifies orders on the host: tweetnacl, with what it lets pass refused. Throws `rejected` for an unacceptable key. */
export function createVerifier(publicKey: Uint8Array): Verifier {
  const raw = refuseUnacceptable(publicKey);
  return {
    keyId: keyIdOf(raw),
    publicKey: raw,
    verify: (message, signature) =>
      acceptableSignature(signature) &&
      nacl.sign.detached.verify(message, Uint8Array.from(signature), raw),
  };
}
