import * as z from 'zod';
import { KeyId, Sha256, Uuid } from './primitives.ts';

/** A key by its id and its raw 32 bytes in base64. */
export const NamedKey = z.strictObject({ key_id: KeyId, public_key: z.base64().length(44) });
export type NamedKey = z.infer<typeof NamedKey>;

/**
 * Of `check: key`: `pre_state` names the old key, `post_state` the new one. The old key signs the first such bundle,
 * which hands over; the new key signs the next with the same states, which proves that it is held.
 */
export const KeyChange = z.object({ pre_state: NamedKey, post_state: NamedKey });
export type KeyChange = z.infer<typeof KeyChange>;

/** Where a chain ended. */
export const ChainHead = z.strictObject({
  chain_id: Uuid,
  sequence: z.number().int().min(1),
  digest: Sha256.describe('SHA-256 of the last bundle.json'),
});
export type ChainHead = z.infer<typeof ChainHead>;

export const ChainReason = z.enum([
  'fork', // the server holds other bundles at the same places: this host was restored or copied
  'restored', // an operator says that this host came from a backup or an image
  'index_lost', // the index could not be brought back to the chain’s end
  'key_lost', // an operator says that the signing key is gone: nothing could hand over to the new one
]);
export type ChainReason = z.infer<typeof ChainReason>;

/** Of `check: chain`, the first bundle of a chain that follows another: which, and why. */
export const ChainChange = z.object({
  pre_state: ChainHead,
  post_state: z.strictObject({ reason: ChainReason }),
});
export type ChainChange = z.infer<typeof ChainChange>;

/** An unbroken run of bundles that was pruned: enough for the chain to verify across it. */
export const PrunedRange = z.strictObject({
  chain_id: Uuid,
  first_sequence: z.number().int().min(1),
  last_sequence: z.number().int().min(1),
  count: z.number().int().min(1),
  preceding_digest: Sha256.describe('digest before the first; 64 zeros before sequence 1'),
  last_digest: Sha256.describe('digest of the last'),
});
export type PrunedRange = z.infer<typeof PrunedRange>;

/** No retention bundle names more ranges. */
export const MAX_PRUNED_RANGES = 256;

/** Of `check: retention`: every range pruned so far, joined, so that older retention bundles may be pruned too. */
export const Retention = z.object({
  post_state: z.strictObject({ pruned: z.array(PrunedRange).min(1).max(MAX_PRUNED_RANGES) }),
});
export type Retention = z.infer<typeof Retention>;
