import { z } from 'zod';
import { defineRemedy } from '../core/remedy.ts';
import { UnitName } from '../wire/primitives.ts';

/** What it needs of the section `backup`. */
const Job = z.looseObject({ unit: UnitName, restore_test_unit: UnitName.optional() });
const Section = z.looseObject({ jobs: z.array(Job).min(1) });

/** Hours are usual for a backup. */
const LIMIT = 11 * 3600;

/** Runs the declared backup jobs and their restore tests to their end; each job’s unit writes its own status. */
export const runBackupJob = defineRemedy<z.infer<typeof Section>>({
  id: 'run_backup_job',
  check: 'backup',
  title: 'Run the backup job',
  disruptive: false,
  section: Section,
  params: z.strictObject({}),
  async run({ hands, section }) {
    for (const { unit, restore_test_unit } of section.jobs) {
      for (const one of restore_test_unit === undefined ? [unit] : [unit, restore_test_unit]) {
        await hands.run({
          action: 'reset_failed',
          command: ['systemctl', 'reset-failed', '--', one],
          limit: 60,
          accept: [1],
        });
        const { ok, exitCode } = await hands.run({
          action: 'start',
          command: ['systemctl', '--no-ask-password', 'start', '--', one],
          limit: LIMIT,
        });
        if (ok) continue;
        const params = { unit: one, ...(exitCode === null ? {} : { exit_code: exitCode }) };
        return {
          outcome: 'failed',
          error: { code: exitCode === null ? 'timeout' : 'tool_failed', params },
        };
      }
    }
    return { outcome: 'success', error: null };
  },
});
