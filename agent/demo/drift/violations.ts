import type { RemedySocket } from '../../src/wire/remedy.ts';
import { type CheckState, type Finding, highest } from '../../src/wire/verdict.ts';

/** One way in which a simulated host can drift: what the check of it finds, and the remedy that mends it. */
export type SyntheticViolation = Pick<Finding, 'rule' | 'subject' | 'severity' | 'message'> & {
  readonly check: string;
  readonly expected: string;
  readonly actual: string;
  /** Null: a person must act. */
  readonly remedy: RemedySocket | null;
};

const of =
  (check: string, remedy: RemedySocket | null) =>
  (
    [rule, subject, severity]: [string, string, Finding['severity']],
    [expected, actual]: [string, string],
    message: string,
  ): SyntheticViolation => ({ check, remedy, rule, subject, severity, expected, actual, message });

const antivirus = of('antivirus', 'restart_av_service');
const backup = of('backup', 'run_backup_job');
const encryption = of('encryption', null);
const firewall = of('firewall', 'restore_firewall_baseline');
const logging = of('logging', 'restart_logging_services');
const patching = of('patching', 'update_to_baseline_generation');

/** By the rules of the checks themselves, so that a page and a report show them as the real ones. */
export const VIOLATIONS: readonly SyntheticViolation[] = [
  antivirus(
    ['unit_not_active', 'clamav-daemon.service', 'high'],
    ['active', 'inactive'],
    'clamav-daemon.service is inactive.',
  ),
  antivirus(
    ['signatures_stale', 'clamav', 'medium'],
    ['at most 2 days', '9 days'],
    'The signatures of clamav are 9 days old.',
  ),
  backup(['never_ran', 'home', 'high'], ['a backup', 'none'], 'The job home never ran.'),
  backup(
    ['checksum_mismatch', 'home', 'critical'],
    ['the checksum of the source', 'another'],
    'The backup of home does not hold what was saved.',
  ),
  encryption(
    ['not_encrypted', '/srv/images', 'critical'],
    ['LUKS2', 'none'],
    '/srv/images lies on a volume that is not encrypted.',
  ),
  encryption(
    ['unexpected_key_slot', '/dev/vda2', 'high'],
    ['slots 0, 1', 'slots 0, 1, 5'],
    'Key slot 5 of /dev/vda2 is not declared.',
  ),
  firewall(
    ['rule_added', 'inet/nixos-fw input', 'high'],
    ['no such rule', 'tcp dport 23 accept'],
    'A rule was added to chain input.',
  ),
  firewall(
    ['rule_removed', 'inet/nixos-fw input', 'medium'],
    ['tcp dport 443 accept', 'no such rule'],
    'A rule of chain input is missing.',
  ),
  logging(
    ['unit_not_active', 'systemd-journald.service', 'critical'],
    ['active', 'failed'],
    'systemd-journald.service has failed.',
  ),
  logging(
    ['journal_volatile', 'journal', 'medium'],
    ['persistent', 'volatile'],
    'The journal is kept in memory alone.',
  ),
  patching(
    ['running_not_accepted', 'system', 'high'],
    ['generation 41', 'generation 39'],
    'The running system is not the accepted one.',
  ),
  patching(
    ['reboot_pending', 'kernel', 'low'],
    ['6.12.60', '6.12.51'],
    'The booted kernel is not that of the running system.',
  ),
];

/** How a check stands while some violations are open. */
export function stateWith(check: string, open: readonly SyntheticViolation[]): CheckState {
  const findings = open.map(
    ({ rule, subject, severity, expected, actual, message }): Finding => ({
      ...{ rule, subject, severity, expected, actual, message },
      verdict: 'drifted',
      exception: null,
    }),
  );
  return {
    check,
    verdict: findings.length === 0 ? 'compliant' : 'drifted',
    severity: highest(findings.map(({ severity }) => severity)),
    findings,
    exceptions: [],
    facts: { synthetic: true },
    error: null,
  };
}
