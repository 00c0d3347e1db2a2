import * as z from 'zod';
import { SnapshotId } from '../../wire/backup.ts';
import type { Snapshot } from './restic.ts';

const Info = z.object({
  archives: z.array(
    z.object({
      id: SnapshotId,
      duration: z.number().min(0),
      stats: z.object({ nfiles: z.int().min(0), original_size: z.int().min(0) }),
    }),
  ),
});

/** The archive that `borg info --json --last 1` describes; null where there is none. Throws where it is no such answer. */
export function parseArchive(output: string): Snapshot | null {
  const archive = Info.parse(JSON.parse(output)).archives.at(-1);
  if (archive === undefined) return null;
  const { nfiles: files, original_size: bytes } = archive.stats;
  return { id: archive.id, files, bytes, durationSec: archive.duration };
}
