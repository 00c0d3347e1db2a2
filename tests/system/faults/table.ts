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

const SOURCE = 'agent/src';

/** At least one for each scenario (tests/house/faults.test.ts sees to that). */
export const FAULTS: readonly Fault[] = [
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
    file: 'agent/units/compliance-agent-remedy-restart_av_service.socket',
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
