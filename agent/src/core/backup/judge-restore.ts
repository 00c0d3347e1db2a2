import type { BackupStatus, RestoreStatus } from '../../wire/backup.ts';
import type { Observation, Unseen } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import { ahead, drift, isAhead } from './observations.ts';
import type { BackupJob } from './section.ts';

const DAY_MS = 24 * 3_600_000;

/** Findings about the restore test of one job. */
export function judgeRestore(
  job: BackupJob,
  {
    status,
    restore,
    now,
  }: { status: BackupStatus | Unseen | null; restore: RestoreStatus | Unseen | null; now: Date },
): Observation[] {
  if (job.restore_test === null) return [];
  const what = `The restore test of backup ${job.job}`;
  if (isUnseen(restore)) {
    return [
      unseenObservation({ rule: 'restore_test_not_seen', subject: job.job, what, ...restore }),
    ];
  }
  if (restore === null) {
    return [
      drift(job, {
        rule: 'restore_test_missing',
        severity: 'medium',
        expected: 'a restore test',
        actual: null,
        message: `Backup ${job.job} has never been restored for a test.`,
      }),
    ];
  }
  if (isAhead(restore.tested_at, now)) return [ahead(job, 'restore_test_from_future', what)];
  const saved = isUnseen(status) ? null : (status?.last_success ?? null);
  return [...judgeRestored(job, restore, saved), ...judgeTestAge(job, restore, now)];
}

/** The digests decide, not what the file says of itself. */
function judgeRestored(
  job: BackupJob,
  restore: RestoreStatus,
  saved: BackupStatus['last_success'],
): Observation[] {
  const { snapshot_id: snapshot, expected_sha256: expected, actual_sha256: actual } = restore;
  const sameSnapshot = saved !== null && saved.snapshot_id === snapshot;
  const wanted = sameSnapshot ? saved.canary_sha256 : expected;
  if (actual !== null && actual !== wanted) {
    return [
      drift(job, {
        rule: 'checksum_mismatch',
        severity: 'critical',
        expected: wanted,
        actual,
        message: `What was restored of backup ${job.job} is not what was saved.`,
      }),
    ];
  }
  if (restore.result === 'passed' && actual !== null) return [];
  return [
    drift(job, {
      rule: 'restore_test_failed',
      severity: 'high',
      expected: 'passed',
      actual: restore.reason,
      message: `Backup ${job.job} could not be restored: ${restore.reason ?? 'no reason given'}.`,
    }),
  ];
}

function judgeTestAge(
  job: BackupJob,
  { tested_at: tested }: RestoreStatus,
  now: Date,
): Observation[] {
  const limit = job.restore_test?.max_age_days ?? 0;
  const days = Math.floor((now.getTime() - Date.parse(tested)) / DAY_MS);
  if (now.getTime() - Date.parse(tested) <= limit * DAY_MS) return [];
  return [
    drift(job, {
      rule: 'restore_test_old',
      severity: days > 2 * limit ? 'high' : 'medium',
      expected: limit,
      actual: days,
      message: `The last restore test of backup ${job.job} is ${days} days old; ${limit} are allowed.`,
    }),
  ];
}
