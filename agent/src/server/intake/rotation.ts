import { acceptablePublicKey, keyIdOf } from '../../core/ed25519.ts';
import type { Bundle } from '../../wire/evidence.ts';
import { KeyChange } from '../../wire/lineage.ts';
import { Refusal } from '../refusal.ts';
import type { Placed } from '../store/store.ts';

/**
 * The key that takes over after a bundle: named by a `check: key` bundle that the key before signed. The new key signs
 * the same once more, which changes nothing here.
 */
export function successorIn(bundle: Bundle): Placed['successor'] {
  if (bundle.check !== 'key') return null;
  const change = KeyChange.safeParse(bundle);
  if (!change.success) throw wrong('A key bundle names the old key and the new one.');
  const { pre_state: old, post_state: fresh } = change.data;
  if (bundle.key_id === fresh.key_id) return null;
  if (bundle.key_id !== old.key_id) throw wrong('A key bundle is signed by a key that it names.');
  const publicKey = Buffer.from(fresh.public_key, 'base64');
  if (!acceptablePublicKey(publicKey) || keyIdOf(publicKey) !== fresh.key_id) {
    throw wrong('The new key is unusable or not the one that its id names.');
  }
  return { keyId: fresh.key_id, publicKey };
}

function wrong(message: string): Refusal {
  return new Refusal(422, 'key_malformed', message, 'post_state');
}
