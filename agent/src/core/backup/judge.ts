import type { BackupStatus } from '../../wire/backup.ts';
import type { Observation, Unseen } from '../check.ts';
import type { UnitState } from '../units/facts.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { BackupFacts } from './facts.ts';
import { judgeRestore } from './judge-restore.ts';
import { ahead, drift, isAhead } from './observations.ts';
import type { BackupJob, BackupSection } from './section.ts';

const HOUR_MS = 3_600_000;

/** Findings of each job in the order of the baseline; rules and severities stand with the check. */
export function judgeBackups({
  facts,
  expected,
  now,
}: {
  facts: BackupFacts;
  expected: BackupSection;
  now: Date;
}): Observation[] {
  if (expected.jobs.length === 0) return [NO_JOB];
  return expected.jobs.flatMap((job) => {
    const unseen: Unseen = { unseen: { code: 'absent', params: {} } };
    const seen = facts.jobs.find((candidate) => candidate.job === job.job) ?? {
      status: unseen,
      restore_test: unseen,
    };
    return [
      ...judgeRun(job, seen.status, now),
      ...judgeUnits(job, facts.units),
      ...judgeRestore(job, { status: seen.status, restore: seen.restore_test, now }),
    ];
  });
}

/** Which of a job’s two halves a finding asks to be run again: the backup, its restore test, or both. */
export function mendedBy({ rule, actual }: Pick<Observation, 'rule' | 'actual'>): {
  run: boolean;
  test: boolean;
} {
  if (rule === 'checksum_mismatch' || NOTHING_TO_TEST.has(actual)) return { run: true, test: true };
  const test = rule.startsWith('restore_test_');
  return { run: !test, test };
}

/** Reasons of a failed restore test that only a new backup takes away. */
const NOTHING_TO_TEST: ReadonlySet<unknown> = new Set(['no_backup', 'canary_not_recorded']);

const NO_JOB: Observation = {
  rule: 'no_job_declared',
  subject: 'backup',
  verdict: 'drifted',
  severity: 'high',
  expected: 'a job',
  actual: null,
  message:
    'The baseline declares no backup; a backup plan is required (45 CFR 164.308(a)(7)(ii)(A)).',
};

function judgeRun(job: BackupJob, status: BackupStatus | Unseen | null, now: Date): Observation[] {
  const what = `The status of backup ${job.job}`;
  if (isUnseen(status)) {
    return [unseenObservation({ rule: 'status_not_seen', subject: job.job, what, ...status })];
  }
  if (status === null) {
    return [
      drift(job, {
        rule: 'never_ran',
        severity: 'high',
        expected: 'a backup',
        actual: null,
        message: `Backup ${job.job} has left no status: it never ran, or its unit has no hook.`,
      }),
    ];
  }
  if (isAhead(status.finished_at, now)) return [ahead(job, 'status_from_future', what)];
  return [...judgeResult(job, status), ...judgeAge(job, status, now)];
}

function judgeResult(job: BackupJob, { result, reason }: BackupStatus): Observation[] {
  if (result === 'success') return [];
  const words = { expected: 'success', actual: reason };
  const message = `The last run of backup ${job.job} was ${result}: ${reason ?? 'no reason given'}.`;
  return result === 'incomplete'
    ? [drift(job, { ...words, rule: 'backup_incomplete', severity: 'medium', message })]
    : [drift(job, { ...words, rule: 'backup_failed', severity: 'high', message })];
}

function judgeAge(job: BackupJob, { last_success: last }: BackupStatus, now: Date): Observation[] {
  const limit = job.max_age_hours;
  const hours = last === null ? null : hoursSince(last.finished_at, now);
  if (hours !== null && hours <= limit) return [];
  return [
    drift(job, {
      rule: 'backup_too_old',
      severity: hours === null || hours > 3 * limit ? 'critical' : 'high',
      expected: limit,
      actual: hours,
      message:
        hours === null
          ? `Backup ${job.job} has never succeeded.`
          : `The last good backup of ${job.job} is ${hours} hours old; ${limit} are allowed.`,
    }),
  ];
}

function judgeUnits(job: BackupJob, units: readonly UnitState[] | Unseen): Observation[] {
  if (isUnseen(units)) {
    const what = `The units of backup ${job.job}`;
    return [unseenObservation({ rule: 'units_not_seen', subject: job.job, what, ...units })];
  }
  const found: Observation[] = [];
  const state = (name: string | null) => units.find(({ unit }) => unit === name);
  const service = state(job.unit);
  if (service !== undefined && service.load_state !== 'loaded') {
    found.push(
      drift(job, {
        rule: 'unit_not_loaded',
        severity: 'high',
        expected: 'loaded',
        actual: service.load_state,
        message: `${job.unit}, which makes backup ${job.job}, is ${service.load_state}.`,
      }),
    );
  }
  const timer = state(job.timer);
  if (timer !== undefined && timer.active_state !== 'active') {
    found.push(
      drift(job, {
        rule: 'timer_inactive',
        severity: 'high',
        expected: 'active',
        actual: timer.load_state === 'loaded' ? timer.active_state : timer.load_state,
        message: `${job.timer}, which starts backup ${job.job}, is not active.`,
      }),
    );
  }
  return found;
}

/** Rounded up to a tenth, so that what is past the limit never reads as within it. */
const hoursSince = (time: string, now: Date) =>
  Math.ceil((now.getTime() - Date.parse(time)) / (HOUR_MS / 10)) / 10;
