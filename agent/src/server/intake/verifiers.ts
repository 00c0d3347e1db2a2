import { createPlatformVerifier, type Verifier } from '../../core/ed25519.ts';
import type { HostKey } from '../store/store.ts';

/** Making a verifier costs as much as using it; a fleet’s keys take a few megabytes. */
const MAX_KEPT = 20_000;

const kept = new Map<string, Verifier>();

/** The verifier of a host’s key. It depends on the key’s bytes alone, so that it is never out of date. */
export function verifierOf({ keyId, publicKey }: Pick<HostKey, 'keyId' | 'publicKey'>): Verifier {
  const known = kept.get(keyId);
  if (known !== undefined) return known;
  const verifier = createPlatformVerifier(publicKey);
  if (kept.size >= MAX_KEPT) kept.clear();
  // By its own id: what a caller says of a key decides nothing.
  kept.set(verifier.keyId, verifier);
  return verifier;
}
