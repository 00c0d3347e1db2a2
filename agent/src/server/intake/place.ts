import { NO_DIGEST } from '../../wire/primitives.ts';
import { Refusal } from '../refusal.ts';
import type { Arrived, HostKey, Surroundings } from '../store/store.ts';

/**
 * Whether a bundle is a fork: the server holds another at its place, one before it that it does not continue, one after
 * it that does not continue it, or it continues a fork. Bundles arrive in any order, so a gap is none.
 */
export function isFork(
  { sha256, previousDigest }: Pick<Arrived, 'sha256' | 'previousDigest'>,
  { same, previous, nextExpects, followsFork }: Surroundings,
): boolean {
  return (
    (same !== null && same !== sha256) ||
    (previous !== null && previous !== previousDigest) ||
    (nextExpects !== null && nextExpects !== sha256) ||
    followsFork
  );
}

/** Throws unless the key that signed a bundle counts at its place of the chain. */
export function checkKey(
  { keyId, chainId, sequence }: Pick<Arrived, 'keyId' | 'chainId' | 'sequence'>,
  { keys, chainOpenedAt }: Pick<Surroundings, 'keys' | 'chainOpenedAt'>,
): void {
  const key = keys.find((candidate) => candidate.keyId === keyId);
  if (key === undefined || !counts(key, { chainId, sequence }, chainOpenedAt)) {
    throw new Refusal(
      422,
      'key_not_in_force',
      'The key does not count at this place of the chain.',
      'key_id',
    );
  }
}

/**
 * A key counts after the bundle that named it and up to the one that named its successor. Beyond that chain a
 * superseded key counts only in chains that were open before: with an old key nobody begins a new one.
 */
function counts(
  { from, until, supersededAt, revoked }: HostKey,
  { chainId, sequence }: { chainId: string; sequence: number },
  chainOpenedAt: string | null,
): boolean {
  if (revoked) return false;
  if (from?.chainId === chainId && sequence <= from.sequence) return false;
  if (until === null) return true;
  if (until.chainId === chainId) return sequence <= until.sequence;
  return chainOpenedAt !== null && supersededAt !== null && chainOpenedAt <= supersededAt;
}

/** Throws unless exactly the first bundle of a chain follows nothing (DESIGN 6a). */
export function checkBeginning({
  sequence,
  previousDigest,
}: Pick<Arrived, 'sequence' | 'previousDigest'>): void {
  if ((sequence === 1) === (previousDigest === NO_DIGEST)) return;
  const message = '64 zeros belong to sequence 1 and to no other.';
  throw new Refusal(422, 'chain_malformed', message, 'previous_digest');
}
