import * as z from 'zod';
import { judgeBackups, mendedBy } from '../core/backup/judge.ts';
import { lookAtBackups } from '../core/backup/look.ts';
import { type BackupJob, BackupSection } from '../core/backup/section.ts';
import { type Done, defineRemedy, type Hands } from '../core/remedy.ts';

/** Seconds: hours are usual for a backup. */
const LIMIT = 11 * 3600;

/**
 * Starts the timers and runs what drifted to its end, as root itself sees it: a job, its restore test, or both; every job
 * where nothing drifted, as an order may ask. Each unit leaves its own status.
 */
export const runBackupJob = defineRemedy<BackupSection>({
  id: 'run_backup_job',
  check: 'backup',
  title: 'Run the backup job or its restore test',
  disruptive: false,
  section: BackupSection,
  params: z.strictObject({}),
  async run({ hands, section, now }) {
    const facts = await lookAtBackups({ host: hands.host, expected: section });
    const drifted = judgeBackups({ facts, expected: section, now })
      .filter(({ verdict }) => verdict === 'drifted')
      .map((finding) => ({ job: finding.subject, ...mendedBy(finding) }));
    const asked = (job: BackupJob, half: 'run' | 'test') =>
      drifted.some((one) => one.job === job.job && one[half]);

    const timers = section.jobs.flatMap(({ timer }) => timer ?? []);
    if (timers.length > 0) await systemctl(hands, 'start_timers', ['start', '--', ...timers], 60);
    let untested = false;
    for (const job of section.jobs) {
      const stopped =
        drifted.length === 0 || asked(job, 'run')
          ? await runUnit(hands, 'run_job', job.unit)
          : null;
      if (stopped !== null) return stopped;
      if (!asked(job, 'test')) continue;
      const unit = job.restore_test?.unit ?? null;
      const failed = unit === null ? null : await runUnit(hands, 'run_restore_test', unit);
      if (failed !== null) return failed;
      if (unit === null) untested = true;
    }
    if (!untested) return { outcome: 'success', error: null };
    // Nobody said which unit tests it: a person must.
    return { outcome: 'alert', error: { code: 'absent', params: { where: 'restore_test.unit' } } };
  },
});

/** Null where it ended well. */
async function runUnit(hands: Hands, action: string, unit: string): Promise<Done | null> {
  await systemctl(hands, 'reset_failed', ['reset-failed', '--', unit], 60);
  const { ok, exitCode } = await systemctl(hands, action, ['start', '--', unit], LIMIT);
  if (ok) return null;
  const error =
    exitCode === null
      ? { code: 'timeout' as const, params: { unit } }
      : { code: 'tool_failed' as const, params: { unit, exit_code: exitCode } };
  return { outcome: 'failed', error };
}

function systemctl(hands: Hands, action: string, args: readonly string[], limit: number) {
  return hands.run({ action, command: ['systemctl', '--no-ask-password', ...args], limit });
}
