/** One thing broken in the product, never in a test. */
export type Fault = {
  readonly scenario: string;
  /** What is wrong with the product then. */
  readonly what: string;
  /** Path from the repository’s root; `find` occurs in it once. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Part of what the scenario then says; red for another reason proves nothing. */
  readonly says: string;
};

const UNITS = 'agent/units';
const SOURCE = 'agent/src';

/** At least one for each scenario (tests/house/faults.test.ts sees to that). */
export const FAULTS: readonly Fault[] = [
  {
    scenario: 'antivirus',
    what: 'the remedy restarts only what still runs',
    file: `${SOURCE}/remedies/units.ts`,
    find: "systemctl('restart', 'restart', ",
    replace: "systemctl('restart', 'try-restart', ",
    says: 'antivirus: stopped → success',
  },
  {
    scenario: 'backup',
    what: 'the remedy looks at the job and does not run it',
    file: `${SOURCE}/remedies/run-backup-job.ts`,
    find: "systemctl('run_job', 'start', ",
    replace: "systemctl('run_job', 'show', ",
    says: 'backup: the status of the last backup gone → success',
  },
  {
    scenario: 'firewall-iptables',
    what: 'the remedy forgets IPv6',
    file: `${SOURCE}/effects/firewall/restore-chains.ts`,
    find: "  { family: 'ip6', tool: 'ip6tables-restore' },\n",
    replace: '',
    says: 'firewall: a rule of IPv6 deleted → success',
  },
  {
    scenario: 'firewall-nftables',
    what: 'the remedy flushes the whole ruleset first',
    file: `${SOURCE}/core/ruleset/restore-nft.ts`,
    find: 'return `',
    replace: 'return `flush ruleset\\n',
    says: 'docker-like',
  },
  {
    scenario: 'generation-rollback',
    what: 'the rollback makes a new generation instead of going back to the earlier one',
    file: `${SOURCE}/remedies/generation/switch.ts`,
    find: 'earlier.generation === null',
    replace: 'earlier.generation !== -1',
    says: 'does not hold: as before',
  },
  {
    scenario: 'generation-rollback',
    what: 'root does not remember which orders were spent',
    file: `${SOURCE}/agent/remedy/order.ts`,
    find: 'spent: spentOrders(state)',
    replace: 'spent: { ...spentOrders(state), highestSequence: 0, nonces: new Set() }',
    says: 'does not hold: {"ran":true',
  },
  {
    scenario: 'generations',
    what: 'the remedy switches although the pre-switch check refused',
    file: `${SOURCE}/remedies/update-to-baseline-generation.ts`,
    find: "if (!(await checkSystem(hands, target)).ok) return deferred('pre-switch check refused');",
    replace: 'await checkSystem(hands, target);',
    says: 'patching: the pre-switch check refuses → deferred',
  },
  {
    scenario: 'kills',
    what: 'root does not settle a run that was cut off',
    file: `${SOURCE}/agent/remedy/run.ts`,
    find: 'return unfinished === undefined ?',
    replace: 'return unfinished === undefined || unfinished.number > 0 ?',
    says: 'everything has ended and is recorded',
  },
  {
    scenario: 'logging',
    what: 'the canary’s probe may not read the journal',
    file: `${UNITS}/compliance-agent-probe-logging@.service`,
    find: 'SupplementaryGroups=compliance-agent systemd-journal',
    replace: 'SupplementaryGroups=compliance-agent',
    says: 'logging is compliant to begin with',
  },
  {
    scenario: 'logging',
    what: 'the remedy leaves runtime masks',
    file: `${SOURCE}/remedies/units.ts`,
    find: "'unmask', '--runtime', '--'",
    replace: "'unmask', '--'",
    says: 'logging: service masked alone: logger still exits 0 → success',
  },
  {
    scenario: 'orders',
    what: 'root leaves the maintenance window to the agent',
    file: `${SOURCE}/core/permit.ts`,
    find: 'mode) && !isOpen(question)',
    replace: 'mode) && !isOpen(question) && frozen',
    says: 'does not hold: {"ran":true',
  },
  {
    scenario: 'privilege',
    what: 'anybody may connect to a remedy',
    file: `${UNITS}/compliance-agent-remedy-restart_av_service.socket`,
    find: 'SocketMode=0660',
    replace: 'SocketMode=0666',
    says: 'a stranger connects to /run/compliance-agent/remedy/restart_av_service.sock',
  },
  {
    scenario: 'self-restart',
    what: 'an agent that comes back drops what it had begun',
    file: `${SOURCE}/core/journal.ts`,
    find: "{ act: 'settle', number: result.number }",
    replace: "{ act: 'drop' }",
    says: 'does not hold: with what was before',
  },
];
