import type { Json } from '../src/wire/primitives.ts';

/**
 * One control of the clinic host as the demo sets it up: what it declares, and ways to break it. A violation changes
 * the world, never facts or verdicts; `finding` is the rule by which the agent should notice it.
 */
export type Control = {
  readonly id: string;
  /** The check’s section of the baseline. */
  readonly section: Json;
  readonly real: string;
  readonly simulated: string;
  readonly violations: readonly Violation[];
};

export type Violation = {
  readonly title: string;
  readonly finding: string;
  /** Whether the agent’s own remedy mends it; otherwise `restore` does, as a person would. */
  readonly heals: boolean;
  violate(): void | Promise<void>;
  restore(): void | Promise<void>;
};
