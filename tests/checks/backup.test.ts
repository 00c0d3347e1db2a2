import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backup } from '../../agent/src/checks/backup.ts';
import type { BackupFacts } from '../../agent/src/core/backup/facts.ts';
import { BackupSection } from '../../agent/src/core/backup/section.ts';
import type { UnitState } from '../../agent/src/core/units/facts.ts';
import type { BackupStatus, RestoreStatus } from '../../agent/src/wire/backup.ts';
import { testFixtures } from '../support/fixture-check.ts';

testFixtures(backup, [
  ['compliant', 'compliant', []],
  [
    'drifted',
    'drifted',
    ['backup_failed daily', 'timer_inactive daily', 'checksum_mismatch daily'],
  ],
  ['absent', 'drifted', ['never_ran daily', 'restore_test_missing daily']],
  [
    'unreadable',
    'unknown',
    ['status_not_seen daily', 'units_not_seen daily', 'restore_test_not_seen daily'],
  ],
  ['unreadable-status', 'unknown', ['status_not_seen daily']],
  ['unreadable-other-job', 'unknown', ['status_not_seen daily']],
]);

const now = new Date('2026-11-22T16:00:00.000Z');
const before = ({ hours = 0, days = 0, minutes = 0 }) =>
  new Date(now.getTime() - ((days * 24 + hours) * 60 + minutes) * 60_000).toISOString();
const SAVED = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const saved = {
  snapshot_id: 'fd177ba2',
  finished_at: before({ hours: 14 }),
  canary_sha256: SAVED,
  files: 1,
  bytes: 3,
};
const status: BackupStatus = {
  type: 'compliance-agent/backup/v1',
  job: 'daily',
  unit: 'restic-backups-daily.service',
  tool: 'restic',
  result: 'success',
  reason: null,
  exit_code: 0,
  finished_at: saved.finished_at,
  duration_sec: 7,
  last_success: saved,
};
const restored: RestoreStatus = {
  type: 'compliance-agent/restore-test/v1',
  job: 'daily',
  result: 'passed',
  reason: null,
  snapshot_id: 'fd177ba2',
  expected_sha256: SAVED,
  actual_sha256: SAVED,
  tested_at: before({ days: 1 }),
  duration_sec: 1,
};
const unit = (name: string, active: string, load = 'loaded'): UnitState => ({
  unit: name,
  load_state: load,
  active_state: active,
  sub_state: 'dead',
  unit_file_state: '',
  fragment_path: null,
  drop_ins: [],
  needs_reload: false,
  restarts: null,
  result: null,
  changed_at: null,
});
const SERVICE = 'restic-backups-daily.service';
const TIMER = 'restic-backups-daily.timer';
const job = {
  job: 'daily',
  unit: SERVICE,
  timer: TIMER,
  max_age_hours: 26,
  canary: '/c',
  restore_test: { max_age_days: 7 } as { max_age_days: number } | null,
};
const denied = { unseen: { code: 'denied' as const, params: {} } };

type Changes = {
  status?: Partial<BackupStatus> | null | typeof denied;
  restore?: Partial<RestoreStatus> | null | typeof denied;
  units?: UnitState[];
  job?: Partial<typeof job>;
};
const aged = (time: string) => ({
  finished_at: time,
  last_success: { ...saved, finished_at: time },
});

const cases: [title: string, found: string[], changes: Changes][] = [
  ['all is well', [], {}],
  ['at the limit', [], { status: aged(before({ hours: 26 })) }],
  ['a minute older', ['backup_too_old high'], { status: aged(before({ hours: 26, minutes: 1 })) }],
  ['three times as old', ['backup_too_old critical'], { status: aged(before({ hours: 79 })) }],
  [
    'runs, but not with success, for two days',
    ['backup_failed high', 'backup_too_old high'],
    {
      status: {
        result: 'failed',
        reason: 'snapshot_not_new',
        last_success: { ...saved, finished_at: before({ days: 2 }) },
      },
    },
  ],
  [
    'never succeeded',
    ['backup_failed high', 'backup_too_old critical'],
    { status: { result: 'failed', reason: 'unit_failed', last_success: null } },
  ],
  [
    'files could not be read',
    ['backup_incomplete medium'],
    { status: { result: 'incomplete', reason: 'files_unread', exit_code: 3 } },
  ],
  ['a clock a little behind', [], { status: aged(before({ minutes: -4 })) }],
  ['from the future', ['status_from_future unknown'], { status: aged(before({ minutes: -6 })) }],
  ['status unseen', ['status_not_seen unknown'], { status: denied }],
  ['never ran', ['never_ran high'], { status: null }],
  ['never restored', ['restore_test_missing medium'], { restore: null }],
  ['no test wanted', [], { restore: null, job: { restore_test: null } }],
  ['test unseen', ['restore_test_not_seen unknown'], { restore: denied }],
  ['test at the limit', [], { restore: { tested_at: before({ days: 7 }) } }],
  [
    'test a minute older',
    ['restore_test_old medium'],
    { restore: { tested_at: before({ days: 7, minutes: 1 }) } },
  ],
  ['test far too old', ['restore_test_old high'], { restore: { tested_at: before({ days: 15 }) } }],
  [
    'test from the future',
    ['restore_test_from_future unknown'],
    { restore: { tested_at: before({ days: -1 }) } },
  ],
  [
    'restore failed',
    ['restore_test_failed high'],
    { restore: { result: 'failed', reason: 'restore_failed', actual_sha256: null } },
  ],
  [
    'restored something else and says it passed',
    ['checksum_mismatch critical'],
    { restore: { actual_sha256: OTHER } },
  ],
  [
    'expects something else of the same snapshot than was saved',
    ['checksum_mismatch critical'],
    { restore: { expected_sha256: OTHER, actual_sha256: OTHER } },
  ],
  [
    'a test of an earlier snapshot',
    [],
    { restore: { snapshot_id: 'a0a0a0a0', expected_sha256: OTHER, actual_sha256: OTHER } },
  ],
  [
    'says it passed and shows nothing',
    ['restore_test_failed high'],
    { restore: { actual_sha256: null } },
  ],
  [
    'timer stopped',
    ['timer_inactive high'],
    { units: [unit(SERVICE, 'inactive'), unit(TIMER, 'inactive')] },
  ],
  [
    'unit masked',
    ['unit_not_loaded high'],
    { units: [unit(SERVICE, 'inactive', 'masked'), unit(TIMER, 'active')] },
  ],
];

for (const [title, found, changes] of cases) {
  test(`judge: ${title}`, () => {
    const part = <T extends object>(good: T, change: object | null | undefined) =>
      change === null ? null : change === denied ? denied : { ...good, ...change };
    const facts = {
      jobs: [
        {
          job: 'daily',
          status: part(status, changes.status),
          restore_test: part(restored, changes.restore),
        },
      ],
      units: changes.units ?? [unit(SERVICE, 'inactive'), unit(TIMER, 'active')],
    } as BackupFacts;
    const expected = BackupSection.parse({ jobs: [{ ...job, ...changes.job }] });
    const judged = backup.judge({ facts: backup.facts.parse(facts), expected, now });
    assert.ok(judged.applicable);
    const seen = judged.observations.map(
      ({ rule, verdict, severity }) => `${rule} ${verdict === 'unknown' ? verdict : severity}`,
    );
    assert.equal(seen, found);
  });
}

test('a baseline without any job is drift, since a backup plan is required', () => {
  const expected = BackupSection.parse({});
  const judged = backup.judge({ facts: { jobs: [], units: [] }, expected, now });
  assert.ok(judged.applicable);
  assert.equal(
    judged.observations.map(({ rule }) => rule),
    ['no_job_declared'],
  );
});

test('a declared job of which the facts say nothing is unknown', () => {
  const expected = BackupSection.parse({ jobs: [job] });
  const judged = backup.judge({ facts: { jobs: [], units: [] }, expected, now });
  assert.ok(judged.applicable);
  assert.equal(
    judged.observations.map(({ rule, verdict }) => [rule, verdict]),
    [
      ['status_not_seen', 'unknown'],
      ['restore_test_not_seen', 'unknown'],
    ],
  );
});

test('a restore test needs a canary', () => {
  assert.not(BackupSection.safeParse({ jobs: [{ job: 'a', unit: 'a.service' }] }).success);
  const untested = { job: 'a', unit: 'a.service', restore_test: null };
  assert.ok(BackupSection.safeParse({ jobs: [untested] }).success);
  assert.not(BackupSection.safeParse({ jobs: [untested, untested] }).success);
});

test.run();
