import { backupStatus, type UnitResult } from '../../core/backup/record.ts';
import { newestSnapshot, parseSummary, type Snapshot } from '../../core/backup/restic.ts';
import type { BackupJob } from '../../core/backup/section.ts';
import { BackupStatus, backupStatusPath } from '../../wire/backup.ts';
import { FailureError } from '../../wire/failure.ts';
import { newestArchive } from './borg.ts';
import { hashFile } from './canary.ts';
import { listSnapshots, type Restic } from './restic.ts';
import { readStatusFile, writeStatusFile } from './status-file.ts';

/** What is asked which snapshot a run has made. */
export type Repository =
  | ({ readonly tool: 'restic' } & Restic)
  | { readonly tool: 'borg'; readonly program: string }
  | { readonly tool: 'other' };

/**
 * Leaves the status of a job whose unit has just ended. `summary` is what `restic backup --json` printed; without it the
 * repository is asked for the newest snapshot of this host that holds the canary. Where nothing can be asked, the
 * unit’s result is all that counts.
 */
export async function recordBackup({
  job,
  unitResult,
  summary,
  repository,
  folder,
  now,
}: {
  job: BackupJob;
  unitResult: UnitResult;
  summary: string | null;
  repository: Repository;
  folder: string;
  now: Date;
}): Promise<BackupStatus> {
  const path = backupStatusPath(folder, job.job);
  const succeeded = unitResult.serviceResult === 'success';
  const ask = () => askRepository(repository, job.canary);
  const status = backupStatus({
    job,
    tool: repository.tool,
    unitResult,
    snapshot: !succeeded ? null : summary === null ? await ask() : parseSummary(summary),
    canarySha256: job.canary === null ? null : await hashFile(job.canary),
    previous: readStatusFile(path, BackupStatus),
    now,
  });
  writeStatusFile(path, status);
  return status;
}

/** A repository that does not answer is recorded as a snapshot that was not seen; its tool has said why to the journal. */
async function askRepository(
  repository: Repository,
  canary: string | null,
): Promise<Snapshot | null> {
  try {
    switch (repository.tool) {
      case 'restic':
        return newestSnapshot(await listSnapshots(repository), canary);
      case 'borg':
        return await newestArchive(repository.program);
      case 'other':
        return { id: null, files: null, bytes: null, durationSec: null };
    }
  } catch (error) {
    if (error instanceof FailureError) return null;
    throw error;
  }
}
