import { BackupFacts } from '../core/backup/facts.ts';
import { judgeBackups } from '../core/backup/judge.ts';
import { lookAtBackups } from '../core/backup/look.ts';
import { BackupSection } from '../core/backup/section.ts';
import { defineCheck } from '../core/check.ts';
import { cite, hipaa, nist80053r5 } from '../core/frameworks/index.ts';

/**
 * Backups and their restore tests. Rules and severities:
 * - critical: `checksum_mismatch`; `backup_too_old` beyond three times the limit, or where none ever succeeded.
 * - high: `no_job_declared`; `never_ran`; `backup_failed`; `backup_too_old`; `unit_not_loaded`; `timer_inactive`;
 *   `restore_test_failed`; `restore_test_old` beyond twice the limit.
 * - medium: `backup_incomplete`; `restore_test_missing`; `restore_test_old`.
 * - unknown: `status_not_seen`, `units_not_seen`, `restore_test_not_seen`, `status_from_future`,
 *   `restore_test_from_future`.
 */
export const backup = defineCheck<BackupSection, BackupFacts>({
  id: 'backup',
  title: 'Backup and restore',
  citations: [
    ...cite(
      hipaa,
      '164.308(a)(7)(ii)(A)',
      '164.308(a)(7)(ii)(B)',
      '164.308(a)(7)(ii)(D)',
      '164.310(d)(2)(iv)',
    ),
    ...cite(nist80053r5, 'CP-4', 'CP-9', 'CP-9(1)', 'CP-10'),
  ],
  remedy: 'run_backup_job',
  timeout: 30,
  expectation: BackupSection,
  facts: BackupFacts,
  probe: ({ host, expected }) => lookAtBackups({ host, expected }),
  judge: ({ facts, expected, now }) => ({
    applicable: true,
    observations: judgeBackups({ facts, expected, now }),
  }),
});
