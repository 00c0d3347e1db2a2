import { BACKUP_STATUS_TYPE, type BackupStatus, type BackupTool } from '../../wire/backup.ts';
import type { Snapshot } from './restic.ts';
import type { BackupJob } from './section.ts';

/** What systemd says of a unit that has ended, in the environment of its ExecStopPost= (systemd.exec(5)). */
export type UnitResult = {
  /** `$SERVICE_RESULT`: success, exit-code, signal, timeout, … */
  readonly serviceResult: string;
  /** `$EXIT_STATUS`: a number, or the name of a signal. */
  readonly exitStatus: string;
};

/** restic(1): exit code 3 is a snapshot that lacks what could not be read. */
const FILES_UNREAD = 3;

/** The status of a job after a run. A run that failed keeps what the last success left. */
export function backupStatus({
  job,
  tool,
  unitResult,
  snapshot,
  canarySha256,
  previous,
  now,
}: {
  job: Pick<BackupJob, 'job' | 'unit'>;
  tool: BackupTool;
  unitResult: UnitResult;
  snapshot: Snapshot | null;
  canarySha256: string | null;
  previous: BackupStatus | null;
  now: Date;
}): BackupStatus {
  const exitCode = /^\d+$/.test(unitResult.exitStatus) ? Number(unitResult.exitStatus) : null;
  const reason = reasonOf({ tool, unitResult, exitCode, snapshot, previous });
  const finishedAt = now.toISOString();
  return {
    type: BACKUP_STATUS_TYPE,
    job: job.job,
    unit: job.unit,
    tool,
    result: reason === null ? 'success' : reason === 'files_unread' ? 'incomplete' : 'failed',
    reason,
    exit_code: exitCode,
    finished_at: finishedAt,
    duration_sec: snapshot?.durationSec ?? null,
    last_success:
      reason === null && snapshot !== null
        ? {
            snapshot_id: snapshot.id,
            finished_at: finishedAt,
            canary_sha256: canarySha256,
            files: snapshot.files,
            bytes: snapshot.bytes,
          }
        : (previous?.last_success ?? null),
  };
}

function reasonOf({
  tool,
  unitResult,
  exitCode,
  snapshot,
  previous,
}: {
  tool: BackupTool;
  unitResult: UnitResult;
  exitCode: number | null;
  snapshot: Snapshot | null;
  previous: BackupStatus | null;
}): BackupStatus['reason'] {
  if (unitResult.serviceResult !== 'success') {
    return tool === 'restic' && exitCode === FILES_UNREAD ? 'files_unread' : 'unit_failed';
  }
  if (snapshot === null) return 'snapshot_not_seen';
  const before = previous?.last_success?.snapshot_id ?? null;
  if (before === null || snapshot.id === null) return null;
  const same = before.startsWith(snapshot.id) || snapshot.id.startsWith(before);
  return same ? 'snapshot_not_new' : null;
}
