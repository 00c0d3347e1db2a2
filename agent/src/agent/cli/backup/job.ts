import { hostname } from 'node:os';
import { type BackupJob, BackupSection } from '../../../core/backup/section.ts';
import type { Restic } from '../../../effects/backup/restic.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { parseInput } from '../../../wire/input.ts';
import { readSections } from '../probe/sections.ts';
import type { BackupOptions, ResticOptions } from './index.ts';

/** The job of that name in the baseline. */
export async function readJob({ job, config }: BackupOptions): Promise<BackupJob> {
  const { backup = {} } = await readSections(config);
  const { jobs } = parseInput(BackupSection, backup, 'checks.backup');
  const found = jobs.find((candidate) => candidate.job === job);
  if (found !== undefined) return found;
  const names = jobs.map((candidate) => candidate.job).join(', ') || 'none';
  throw new Exit(EXIT.usage, `no job ${job} in the baseline; it declares ${names}`);
}

export function resticOf({ restic, host }: ResticOptions): Restic {
  return { program: restic, host: host ?? hostname() };
}
