import { acceptablePublicKey, acceptableSignature } from '../../../core/ed25519-form.ts';
import type { Bytes } from './bytes.ts';

/** Whether 64 bytes are the signature of a message: by the browser’s own Ed25519, or by tweetnacl where it has none. */
export async function verifySignature({
  publicKey,
  message,
  signature,
}: {
  publicKey: Bytes;
  message: Bytes;
  signature: Bytes;
}): Promise<boolean> {
  if (!acceptablePublicKey(publicKey) || !acceptableSignature(signature)) return false;
  const key = await crypto.subtle
    .importKey('raw', publicKey, { name: 'Ed25519' }, false, ['verify'])
    .catch(() => null);
  if (key !== null) return crypto.subtle.verify({ name: 'Ed25519' }, key, signature, message);
  const { default: nacl } = await import('tweetnacl');
  return nacl.sign.detached.verify(message, signature, publicKey);
}
