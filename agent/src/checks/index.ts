import type { Check } from '../core/check.ts';

/** Every check of the agent, one line each. */
export const CHECKS: readonly Check[] = [];
