import * as z from 'zod';
import { Failure } from '../../wire/failure-schema.ts';
import { CIPHER, LUKS_UUID } from './luks.ts';

/** A cipher as cryptsetup writes it: `aes-xts-plain64`. */
export const Cipher = z.string().regex(CIPHER, 'expected a cipher, as aes-xts-plain64');

/** What may be known of a LUKS header: never salts, digests, iteration counts or anything derived from a key. */
export const LuksHeader = z.strictObject({
  version: z.union([z.literal(1), z.literal(2)]),
  uuid: z.string().regex(LUKS_UUID),
  ciphers: z.array(Cipher).max(32).describe('of the data segments'),
  key_slot_ciphers: z.array(Cipher).max(32).describe('of the areas that hold the volume key'),
  key_bits: z.number().int().nullable().describe('of the volume key; null without a key slot'),
  key_slots: z.array(z.number().int().min(0).max(31)).max(32),
  integrity: z.string().max(64).nullable(),
  complete: z.boolean().describe('false while a segment lies in the clear (re-encryption)'),
});
export type LuksHeader = z.infer<typeof LuksHeader>;

/** One declared device as the probe `volumes` saw it; `header` null is a device that holds no LUKS header. */
export const Volume = z.union([
  z.strictObject({ name: z.string().max(128), header: LuksHeader.nullable() }),
  z.strictObject({ name: z.string().max(128), error: Failure }),
]);
export type Volume = z.infer<typeof Volume>;

export const Volumes = z.strictObject({ volumes: z.array(Volume).max(256) });
export type Volumes = z.infer<typeof Volumes>;
