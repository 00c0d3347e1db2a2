import * as z from 'zod';
import { FailureError } from '../../wire/failure.ts';
import { Failure } from '../../wire/failure-schema.ts';

/** The kernel’s name of a block device, as `dm-0` or `sda1`; the name of a pool of ZFS. */
export const KernelName = z.string().max(64);
const devices = z.array(KernelName).max(64);

/** What lies beneath a mount or swap. `memory` is no disk; `plain` is dm-crypt without a header. */
export const Protection = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('encrypted'),
    by: z.array(z.enum(['luks2', 'luks1', 'plain', 'zfs'])).max(4),
    devices,
  }),
  z.strictObject({ state: z.literal('not_encrypted'), devices }),
  z.strictObject({ state: z.literal('memory') }),
  z.strictObject({ state: z.literal('unseen'), error: Failure }),
]);
export type Protection = z.infer<typeof Protection>;

/** The weakest of several, equal ones put together: data is as safe as its worst part, and unseen is never a pass. */
export function weakest(parts: readonly Protection[]): Protection {
  const clear = parts.filter((part) => part.state === 'not_encrypted');
  if (clear.length > 0) return { state: 'not_encrypted', devices: united(clear.map(devicesOf)) };
  const unseen = parts.find((part) => part.state === 'unseen');
  if (unseen !== undefined) return unseen;
  const encrypted = parts.filter((part) => part.state === 'encrypted');
  if (encrypted.length > 0) {
    const by = united(encrypted.map((part) => part.by));
    return { state: 'encrypted', by, devices: united(encrypted.map(devicesOf)) };
  }
  if (parts.length > 0) return { state: 'memory' };
  return { state: 'unseen', error: unsupported('empty').failure };
}

const devicesOf = (part: { devices: string[] }) => part.devices;
const united = <T extends string>(lists: readonly T[][]): T[] => [...new Set(lists.flat())].sort();

/** A stack that this check cannot judge, by its name. */
export function unsupported(backend: string): FailureError {
  return new FailureError('unsupported', {
    backend: backend.replace(/[^A-Za-z0-9 ._:@/+=-]/g, '_').slice(0, 160),
  });
}
