import { BackupFacts } from '../core/backup/facts.ts';
import { judgeBackups } from '../core/backup/judge.ts';
import { lookAtBackups } from '../core/backup/look.ts';
import { BackupSection } from '../core/backup/section.ts';
import { defineCheck } from '../core/check.ts';

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
    {
      framework: 'hipaa',
      id: '164.308(a)(7)(ii)(A)',
      title: 'Data backup plan',
      specification: 'required',
    },
    {
      framework: 'hipaa',
      id: '164.308(a)(7)(ii)(B)',
      title: 'Disaster recovery plan',
      specification: 'required',
    },
    {
      framework: 'hipaa',
      id: '164.308(a)(7)(ii)(D)',
      title: 'Testing and revision procedures',
      specification: 'addressable',
    },
    {
      framework: 'hipaa',
      id: '164.310(d)(2)(iv)',
      title: 'Data backup and storage',
      specification: 'addressable',
    },
    { framework: 'nist-800-53r5', id: 'CP-4', title: 'Contingency Plan Testing' },
    { framework: 'nist-800-53r5', id: 'CP-9', title: 'System Backup' },
    { framework: 'nist-800-53r5', id: 'CP-9(1)', title: 'Testing for Reliability and Integrity' },
    { framework: 'nist-800-53r5', id: 'CP-10', title: 'System Recovery and Reconstitution' },
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
