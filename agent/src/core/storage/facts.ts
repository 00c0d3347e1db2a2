import * as z from 'zod';
import { UnseenPart } from '../unseen-part.ts';
import { Volume } from './luks-schema.ts';
import { KernelName, Protection } from './protection.ts';

const Filesystem = z.string().max(64);
const Path = z.string().max(4096);

/** A mount that the baseline declares. */
const DeclaredMount = z.strictObject({
  target: Path,
  fstype: Filesystem.nullable().describe('null where nothing is mounted there'),
  protection: Protection.nullable(),
});

/** Mounts of one device that the baseline does not declare. */
export const OtherMount = z.strictObject({
  device: KernelName,
  fstype: Filesystem,
  protection: Protection,
});
export type OtherMount = z.infer<typeof OtherMount>;

const ActiveSwap = z.strictObject({
  device: KernelName.describe('kernel name, or `file`'),
  declared: Path.nullable().describe('which entry of the baseline it meets'),
  protection: Protection,
});

/**
 * What may enter evidence about storage. A folder is named only where the baseline declares it, and no mapping’s name
 * is ever: a home folder or a removable disk may carry a person’s name. Other mounts go by their kernel device.
 */
export const EncryptionFacts = z.strictObject({
  view: z.enum(['pid1', 'self']).describe('whose mount namespace was read'),
  mounts: z.array(DeclaredMount).max(256),
  others: z.array(OtherMount).max(512),
  swaps: z.array(ActiveSwap).max(128),
  unresolved_swaps: z.array(Path).max(64).describe('declared, and their kernel name was not seen'),
  volumes: z.union([z.array(Volume).max(64), UnseenPart]),
});
export type EncryptionFacts = z.infer<typeof EncryptionFacts>;
