import { z } from 'zod';
import { Failure } from '../../wire/failure.ts';
import { Volume } from './luks.ts';

const KernelName = z.string().max(64);
const Protection = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('encrypted'),
    by: z.array(z.enum(['luks2', 'luks1', 'plain', 'zfs'])).max(4),
    devices: z.array(KernelName).max(64),
  }),
  z.strictObject({ state: z.literal('not_encrypted'), devices: z.array(KernelName).max(64) }),
  z.strictObject({ state: z.literal('memory') }),
  z.strictObject({ state: z.literal('unseen'), error: Failure }),
]);
const Filesystem = z.string().max(64);

/**
 * What may enter evidence about storage. A folder is named only where the baseline declares it, and a mapping’s name
 * nowhere else: a home folder or a removable disk carries a person’s name. Other mounts go by their kernel device.
 */
export const EncryptionFacts = z.strictObject({
  view: z.enum(['pid1', 'self']).describe('whose mount namespace was read'),
  mounts: z
    .array(
      z.strictObject({
        target: z.string().max(4096),
        fstype: Filesystem.nullable().describe('null where nothing is mounted there'),
        protection: Protection.nullable(),
      }),
    )
    .max(256),
  others: z
    .array(z.strictObject({ device: KernelName, fstype: Filesystem, protection: Protection }))
    .max(512)
    .describe('mounts of disks that the baseline does not declare, once by device'),
  swaps: z
    .array(
      z.strictObject({
        device: KernelName.describe('kernel name, or `file`'),
        declared: z.string().max(4096).nullable().describe('which entry of the baseline it meets'),
        protection: Protection,
      }),
    )
    .max(128),
  unresolved_swaps: z
    .array(z.string().max(4096))
    .max(64)
    .describe('declared swap devices whose kernel name could not be seen'),
  volumes: z.union([z.array(Volume).max(64), z.strictObject({ unseen: Failure })]),
});
export type EncryptionFacts = z.infer<typeof EncryptionFacts>;
