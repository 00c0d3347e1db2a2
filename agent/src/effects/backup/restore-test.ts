import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackupJob } from '../../core/backup/section.ts';
import {
  BackupStatus,
  backupStatusPath,
  RESTORE_STATUS_TYPE,
  type RestoreStatus,
  restoreStatusPath,
  type SavedSnapshot,
} from '../../wire/backup.ts';
import { FailureError } from '../../wire/failure.ts';
import { hashFile } from './canary.ts';
import { type Restic, restoreFile } from './restic.ts';
import { readStatusFile, writeStatusFile } from './status-file.ts';

type Outcome = { readonly reason: RestoreStatus['reason']; readonly actual: string | null };

/**
 * Brings the canary of the last good snapshot back into a private folder, compares it with what was recorded when it
 * was saved, removes it and leaves the job’s restore status (CP-4, CP-9(1)).
 */
export async function testRestore({
  job,
  restic,
  folder,
  clock,
}: {
  job: BackupJob;
  restic: Restic;
  folder: string;
  clock: () => Date;
}): Promise<RestoreStatus> {
  const started = clock();
  const saved = readStatusFile(backupStatusPath(folder, job.job), BackupStatus)?.last_success;
  const { reason, actual } = await restoreCanary({ saved: saved ?? null, job, restic });
  const ended = clock();
  const status: RestoreStatus = {
    type: RESTORE_STATUS_TYPE,
    job: job.job,
    result: reason === null ? 'passed' : 'failed',
    reason,
    snapshot_id: saved?.snapshot_id ?? null,
    expected_sha256: saved?.canary_sha256 ?? null,
    actual_sha256: actual,
    tested_at: ended.toISOString(),
    duration_sec: Math.max(0, ended.getTime() - started.getTime()) / 1000,
  };
  writeStatusFile(restoreStatusPath(folder, job.job), status);
  return status;
}

async function restoreCanary({
  saved,
  job: { canary },
  restic,
}: {
  saved: SavedSnapshot | null;
  job: BackupJob;
  restic: Restic;
}): Promise<Outcome> {
  const snapshot = saved?.snapshot_id ?? null;
  if (saved === null || snapshot === null) return { reason: 'no_backup', actual: null };
  if (canary === null || saved.canary_sha256 === null) {
    return { reason: 'canary_not_recorded', actual: null };
  }
  const target = mkdtempSync(join(tmpdir(), 'restore-test-')); // mode 0700
  try {
    await restoreFile(restic, { snapshot, path: canary, target });
    const actual = await hashFile(join(target, canary));
    if (actual === null) return { reason: 'canary_missing', actual };
    return { reason: actual === saved.canary_sha256 ? null : 'checksum_mismatch', actual };
  } catch (error) {
    if (error instanceof FailureError) return { reason: 'restore_failed', actual: null };
    throw error;
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}
