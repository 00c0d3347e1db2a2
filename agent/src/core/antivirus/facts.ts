import * as z from 'zod';
import { AbsolutePath, Sha256, Timestamp, UnitName } from '../../wire/primitives.ts';
import { UnitState } from '../units/facts.ts';
import { UnseenPart } from '../unseen-part.ts';
import { RehashHours } from './section.ts';

/** A digest, and when the file was last read whole to make it; unchanged since then by inode, size and times (digests.ts). */
const digest = {
  sha256: z.union([Sha256, UnseenPart]),
  hashed_at: Timestamp.optional().describe('when it was computed in full; left out where unseen'),
};

/** A declared program as it lies on disk. */
const DeclaredExecutable = z.strictObject({
  path: AbsolutePath.describe('as the baseline names it'),
  ...digest,
});

/**
 * A program that runs in a unit’s cgroup, hashed through /proc/PID/exe, so that a replaced or deleted file is seen for
 * what runs and not for what now lies in its place. Its path is named only where the baseline declares it: another
 * might carry a person’s name. Processes with the same program are one entry.
 */
const RunningExecutable = z.strictObject({
  ...digest,
  declared: AbsolutePath.nullable().describe('which declared program’s path it has, if any'),
  in_store: z.boolean().describe('whether its path is below /nix/store'),
  deleted: z.boolean().describe('whether its file is no longer there'),
  processes: z.number().int().min(1),
});
export type RunningExecutable = z.infer<typeof RunningExecutable>;

/** What the privileged probe `antivirus` says of a unit that declares an executable. */
export const UnitExecutables = z.strictObject({
  unit: UnitName,
  on_disk: z.array(DeclaredExecutable).max(32),
  running: z.union([z.array(RunningExecutable).max(256), UnseenPart]),
});
export type UnitExecutables = z.infer<typeof UnitExecutables>;

/** `data` of the probe’s document. */
export const Executables = z.strictObject({
  units: z.array(UnitExecutables).max(16),
  rehash_hours: RehashHours,
});
export type Executables = z.infer<typeof Executables>;

const SignatureFile = z.strictObject({
  name: z.string().max(64),
  modified_at: z
    .union([Timestamp, UnseenPart])
    .nullable()
    .describe('of the newest file; null where there is none'),
});

/** What may enter evidence about the antivirus. */
export const AntivirusFacts = z.strictObject({
  units: z.union([z.array(UnitState).max(16), UnseenPart]),
  executables: z.union([z.array(UnitExecutables).max(16), UnseenPart]),
  rehash_hours: RehashHours.optional().describe('the schedule that the probe kept to'),
  signatures: z.array(SignatureFile).max(16),
});
export type AntivirusFacts = z.infer<typeof AntivirusFacts>;
