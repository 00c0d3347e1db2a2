import * as z from 'zod';
import { type Done, defineRemedy } from '../core/remedy.ts';
import { UnitName } from '../wire/primitives.ts';

/** What it needs of the section `backup`. */
const Job = z.looseObject({ unit: UnitName, timer: UnitName.nullable().default(null) });
const Section = z.looseObject({ jobs: z.array(Job).min(1) });

/** Seconds: hours are usual for a backup. */
const LIMIT = 11 * 3600;

/** Starts the timers and runs the declared backup jobs to their end; each job’s unit leaves its own status. */
export const runBackupJob = defineRemedy<z.infer<typeof Section>>({
  id: 'run_backup_job',
  check: 'backup',
  title: 'Run the backup job',
  disruptive: false,
  section: Section,
  params: z.strictObject({}),
  async run({ hands, section }) {
    const systemctl = (action: string, verb: string, units: string[], limit: number) =>
      hands.run({
        action,
        command: ['systemctl', '--no-ask-password', verb, '--', ...units],
        limit,
      });
    const timers = section.jobs.flatMap(({ timer }) => timer ?? []);
    if (timers.length > 0) await systemctl('start_timers', 'start', timers, 60);
    for (const { unit } of section.jobs) {
      await systemctl('reset_failed', 'reset-failed', [unit], 60);
      const { ok, exitCode } = await systemctl('run_job', 'start', [unit], LIMIT);
      if (!ok) return failed(unit, exitCode);
    }
    return { outcome: 'success', error: null };
  },
});

function failed(unit: string, exitCode: number | null): Done {
  const error =
    exitCode === null
      ? { code: 'timeout' as const, params: { unit } }
      : { code: 'tool_failed' as const, params: { unit, exit_code: exitCode } };
  return { outcome: 'failed', error };
}
