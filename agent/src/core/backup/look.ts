import type * as z from 'zod';
import {
  BackupStatus,
  backupStatusPath,
  RestoreStatus,
  restoreStatusPath,
} from '../../wire/backup.ts';
import { FailureError } from '../../wire/failure.ts';
import { BACKUP_STATUS_DIR } from '../../wire/paths.ts';
import type { Host } from '../host.ts';
import { readUnits } from '../units/state.ts';
import { orAbsent, orUnseen } from '../unseen.ts';
import type { BackupFacts } from './facts.ts';
import type { BackupSection } from './section.ts';

/** The facts of the check `backup`: what the hooks left, and what systemd says of units and timers. */
export async function lookAtBackups({
  host,
  expected,
}: {
  host: Host;
  expected: BackupSection;
}): Promise<BackupFacts> {
  const names = expected.jobs.flatMap(({ unit, timer }) => [
    unit,
    ...(timer === null ? [] : [timer]),
  ]);
  const jobs = expected.jobs.map(async ({ job }) => ({
    job,
    status: await readStatus({
      host,
      path: backupStatusPath(BACKUP_STATUS_DIR, job),
      schema: BackupStatus,
      job,
    }),
    restore_test: await readStatus({
      host,
      path: restoreStatusPath(BACKUP_STATUS_DIR, job),
      schema: RestoreStatus,
      job,
    }),
  }));
  const [seen, units] = await Promise.all([
    Promise.all(jobs),
    orUnseen(readUnits(host, [...new Set(names)])),
  ]);
  return { jobs: seen, units };
}

const LIMIT = 16 * 1024;

function readStatus<T extends { job: string }>({
  host,
  path,
  schema,
  job,
}: {
  host: Host;
  path: string;
  schema: z.ZodType<T>;
  job: string;
}) {
  return orAbsent(
    host.read(path, { limit: LIMIT }).then((text) => {
      const status = parseStatus(text, schema);
      if (status !== null && status.job === job) return status;
      throw new FailureError('malformed', { path });
    }),
  );
}

/** A status file’s text by its schema; null where it is not of that form. */
export function parseStatus<T>(text: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
