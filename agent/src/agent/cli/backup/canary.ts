import { writeCanary } from '../../../effects/backup/canary.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import type { BackupOptions } from './index.ts';
import { readJob } from './job.ts';

export async function canary(options: BackupOptions): Promise<void> {
  const job = await readJob(options);
  if (job.canary === null) throw new Exit(EXIT.config, `job ${job.job} declares no canary`);
  writeCanary(job.canary);
  if (options.json) console.log(JSON.stringify({ job: job.job, canary: job.canary }));
}
