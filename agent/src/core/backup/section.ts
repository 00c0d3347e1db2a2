import * as z from 'zod';
import { JobName } from '../../wire/backup.ts';
import { AbsolutePath, UnitName } from '../../wire/primitives.ts';

const RestoreTest = z.strictObject({
  max_age_days: z.int().min(1).max(3660).default(31).describe('since the last restore test'),
  unit: UnitName.nullable()
    .default(null)
    .describe('the service that runs it; its overdue test is then healed too'),
});

export const BackupJob = z
  .strictObject({
    job: JobName,
    unit: UnitName.describe('the service that makes the backup'),
    timer: UnitName.nullable().default(null).describe('the timer that starts it'),
    max_age_hours: z.number().min(1).max(8784).default(26).describe('since the last success'),
    canary: AbsolutePath.nullable()
      .default(null)
      .describe('a file inside of what is backed up, which restore tests bring back'),
    restore_test: RestoreTest.nullable()
      .default({ max_age_days: 31, unit: null })
      .describe('null where this job is not tested'),
  })
  .refine(({ canary, restore_test }) => restore_test === null || canary !== null, {
    path: ['canary'],
    error: 'expected a path, as restore_test is not null',
  });
export type BackupJob = z.infer<typeof BackupJob>;

/** What the baseline says about backups. A host that keeps nothing has no section. */
export const BackupSection = z.strictObject({
  jobs: z
    .array(BackupJob)
    .max(64)
    .default([])
    .refine((jobs) => new Set(jobs.map(({ job }) => job)).size === jobs.length, {
      error: 'expected each job once',
    }),
});
export type BackupSection = z.infer<typeof BackupSection>;
