import * as z from 'zod';
import { AbsolutePath } from '../../wire/primitives.ts';
import { LUKS_NAME } from './luks.ts';
import { Cipher } from './luks-schema.ts';

const KeySlots = z.union([
  z.int().min(1).max(32).describe('at most so many'),
  z.array(z.int().min(0).max(31)).min(1).max(32).describe('exactly these'),
]);

export const LuksDevice = z.strictObject({
  name: z
    .string()
    .regex(LUKS_NAME, 'expected a name as in /dev/mapper')
    .describe('the mapping’s name'),
  device: AbsolutePath.describe('the device or, where it is detached, the file with the header'),
  cipher: Cipher.optional().describe('exactly this one; else any of allowed_ciphers'),
  min_key_bits: z
    .int()
    .min(128)
    .max(4096)
    .default(256)
    .describe('XTS needs two keys: 512 is AES-256'),
  key_slots: KeySlots.optional().describe('which key slots may exist: a number or their ids'),
});
export type LuksDevice = z.infer<typeof LuksDevice>;

/** What the baseline says about encryption at rest; the defaults demand it of every disk. */
export const EncryptionSection = z.strictObject({
  mounts: z
    .array(z.strictObject({ target: AbsolutePath }))
    .max(256)
    .default([])
    .describe('must be mounted, and encrypted'),
  undeclared_mounts: z
    .enum(['encrypted', 'ignored'])
    .default('encrypted')
    .describe('what every other mount of a disk must be'),
  swaps: z
    .array(
      z.strictObject({
        device: z.union([z.literal('all'), AbsolutePath]),
        random_key_allowed: z
          .boolean()
          .default(false)
          .describe('whether plain dm-crypt counts, whose key is random at each boot'),
      }),
    )
    .max(64)
    .default([{ device: 'all', random_key_allowed: false }])
    .describe('must be encrypted when active; `all` stands for those not named'),
  luks: z.array(LuksDevice).max(64).default([]).describe('headers to read'),
  allowed_ciphers: z.array(Cipher).min(1).max(32).default(['aes-xts-plain64']),
});
export type EncryptionSection = z.infer<typeof EncryptionSection>;
