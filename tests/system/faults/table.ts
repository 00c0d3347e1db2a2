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
];
