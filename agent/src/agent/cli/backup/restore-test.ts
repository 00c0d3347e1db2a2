import { testRestore } from '../../../effects/backup/restore-test.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import type { ResticOptions } from './index.ts';
import { readJob, resticOf } from './job.ts';

/** Ends with 1 where the test failed, so that its unit shows it too. */
export async function restoreTest(options: ResticOptions): Promise<void> {
  const status = await testRestore({
    job: await readJob(options),
    restic: resticOf(options),
    folder: options.statusDir,
    clock: () => new Date(),
  });
  if (options.json) console.log(JSON.stringify(status));
  if (status.result === 'failed') {
    throw new Exit(EXIT.failed, `${status.job}: the restore test failed: ${status.reason}`);
  }
  if (!options.json) console.log(`${status.job}: restored and the same`);
}
