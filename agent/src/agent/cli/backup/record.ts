import { readFileSync } from 'node:fs';
import { type Repository, recordBackup } from '../../../effects/backup/record.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import type { RecordOptions } from './index.ts';
import { readJob, resticOf } from './job.ts';

/** A run that failed is recorded like any other, so this ends with 0 unless nothing could be recorded. */
export async function record(options: RecordOptions): Promise<void> {
  const { result, exitStatus = '', summary, statusDir } = options;
  if (result === undefined) {
    throw new Exit(EXIT.usage, 'no --result: systemd sets SERVICE_RESULT only in ExecStopPost=');
  }
  const status = await recordBackup({
    job: await readJob(options),
    unitResult: { serviceResult: result, exitStatus },
    summary: summary === undefined ? null : readFileSync(summary === '-' ? 0 : summary, 'utf8'),
    repository: repositoryOf(options),
    folder: statusDir,
    now: new Date(),
  });
  if (options.json) console.log(JSON.stringify(status));
  else console.log(`${status.job}: ${status.result}${status.reason ? ` (${status.reason})` : ''}`);
}

function repositoryOf({ tool, borg, ...options }: RecordOptions): Repository {
  switch (tool) {
    case 'restic':
      return { tool, ...resticOf(options) };
    case 'borg':
      return { tool, program: borg };
    case 'other':
      return { tool };
  }
}
