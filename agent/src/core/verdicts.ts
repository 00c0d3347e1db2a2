import type { CheckState } from '../wire/verdict.ts';

/** What a whole host is: drift outweighs what could not be seen, and that outweighs compliance (DESIGN promise 1). */
export function overall(
  states: readonly Pick<CheckState, 'verdict'>[],
): 'compliant' | 'drifted' | 'unknown' {
  if (states.some(({ verdict }) => verdict === 'drifted')) return 'drifted';
  return states.some(({ verdict }) => verdict === 'unknown') ? 'unknown' : 'compliant';
}
