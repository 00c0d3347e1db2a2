import { backupStatus, type UnitResult } from '../../core/backup/record.ts';
import { newestSnapshot, parseSummary, type Snapshot } from '../../core/backup/restic.ts';
import type { BackupJob } from '../../core/backup/section.ts';
import { BackupStatus, backupStatusPath } from '../../wire/backup.ts';
import { FailureError } from '../../wire/failure.ts';
import { hashFile } from './canary.ts';
import { listSnapshots, type Restic } from './restic.ts';
import { readStatusFile, writeStatusFile } from './status-file.ts';

/**
 * Leaves the status of a job whose unit has just ended. `summary` is what `restic backup --json` printed; without it the
 * repository is asked for the newest snapshot of this host that holds the canary.
 */
export async function recordBackup({
  job,
  unitResult,
  summary,
  restic,
  folder,
  now,
}: {
  job: BackupJob;
  unitResult: UnitResult;
  summary: string | null;
  restic: Restic;
  folder: string;
  now: Date;
}): Promise<BackupStatus> {
  const path = backupStatusPath(folder, job.job);
  const succeeded = unitResult.serviceResult === 'success';
  const ask = () => askRepository(restic, job.canary);
  const status = backupStatus({
    job,
    unitResult,
    snapshot: !succeeded ? null : summary === null ? await ask() : parseSummary(summary),
    canarySha256: job.canary === null ? null : await hashFile(job.canary),
    previous: readStatusFile(path, BackupStatus),
    now,
  });
  writeStatusFile(path, status);
  return status;
}

/** A repository that does not answer is recorded as a snapshot that was not seen; restic has said why to the journal. */
async function askRepository(restic: Restic, canary: string | null): Promise<Snapshot | null> {
  try {
    return newestSnapshot(await listSnapshots(restic), canary);
  } catch (error) {
    if (error instanceof FailureError) return null;
    throw error;
  }
}
