import * as z from 'zod';
import { Sha256, Timestamp, UnitName } from './primitives.ts';

export const BACKUP_STATUS_TYPE = 'compliance-agent/backup/v1';
export const RESTORE_STATUS_TYPE = 'compliance-agent/restore-test/v1';

/** Names a file `JOB.json`, so no dot: `JOB.restore.json` stands beside it. */
export const JobName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/,
    'expected 1 to 63 of A-Z a-z 0-9 _ - beginning with a letter or digit',
  );

/** What makes a backup; of any other program than these two only its unit’s result is known. */
export const BackupTool = z.enum(['restic', 'borg', 'other']);
export type BackupTool = z.infer<typeof BackupTool>;

/** restic gives eight digits in its summary and all 64 in its list; borg gives 64. */
export const SnapshotId = z.string().regex(/^[0-9a-f]{8,64}$/, 'expected a snapshot id');

const Count = z.int().min(0);
const Seconds = z.number().min(0);

/** A snapshot that the backup unit made without an error. */
export const SavedSnapshot = z.strictObject({
  snapshot_id: SnapshotId.nullable().describe('null where the tool is another'),
  finished_at: Timestamp,
  canary_sha256: Sha256.nullable().describe('of the canary file when it was saved; null without'),
  files: Count.nullable(),
  bytes: Count.nullable(),
});
export type SavedSnapshot = z.infer<typeof SavedSnapshot>;

/** The last run of a job, and the last that succeeded. */
export const BackupStatus = z.strictObject({
  type: z.literal(BACKUP_STATUS_TYPE),
  job: JobName,
  unit: UnitName,
  tool: BackupTool,
  result: z.enum(['success', 'incomplete', 'failed']),
  reason: z
    .enum([
      'unit_failed', // systemd’s result of the unit is not `success`
      'files_unread', // restic’s exit code 3: a snapshot, without what could not be read
      'snapshot_not_seen', // the repository could not be asked, or has none of this job
      'snapshot_not_new', // the newest snapshot is that of the run before
    ])
    .nullable(),
  exit_code: z.int().nullable(),
  finished_at: Timestamp,
  duration_sec: Seconds.nullable(),
  last_success: SavedSnapshot.nullable(),
});
export type BackupStatus = z.infer<typeof BackupStatus>;

/** The last time that a file was brought back from the repository and compared. */
export const RestoreStatus = z.strictObject({
  type: z.literal(RESTORE_STATUS_TYPE),
  job: JobName,
  result: z.enum(['passed', 'failed']),
  reason: z
    .enum([
      'no_backup', // the job’s status names no snapshot
      'canary_not_recorded', // the snapshot was made without a canary
      'restore_failed', // restic could not: no repository, no such snapshot, or damaged data
      'canary_missing', // the snapshot does not hold the canary
      'checksum_mismatch', // what came back is not what was saved
    ])
    .nullable(),
  snapshot_id: SnapshotId.nullable(),
  expected_sha256: Sha256.nullable(),
  actual_sha256: Sha256.nullable(),
  tested_at: Timestamp,
  duration_sec: Seconds,
});
export type RestoreStatus = z.infer<typeof RestoreStatus>;

export function backupStatusPath(folder: string, job: string): string {
  return `${folder}/${job}.json`;
}

export function restoreStatusPath(folder: string, job: string): string {
  return `${folder}/${job}.restore.json`;
}
