import * as z from 'zod';
import { BackupStatus, JobName, RestoreStatus } from '../../wire/backup.ts';
import { UnitState } from '../units/facts.ts';
import { UnseenPart } from '../unseen-part.ts';

/** What may enter evidence about backups: the two status files of each job, and the states of units and timers. */
export const BackupFacts = z.strictObject({
  jobs: z
    .array(
      z.strictObject({
        job: JobName,
        status: z.union([BackupStatus, UnseenPart]).nullable(),
        restore_test: z.union([RestoreStatus, UnseenPart]).nullable(),
      }),
    )
    .max(64),
  units: z.union([z.array(UnitState).max(128), UnseenPart]),
});
export type BackupFacts = z.infer<typeof BackupFacts>;
