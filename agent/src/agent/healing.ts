import type { Draft, HostContext } from '../wire/evidence.ts';
import type { CheckState } from '../wire/verdict.ts';

/** What a cycle hands to whoever plans and heals, once everything was judged. */
export type HealingInput = {
  readonly states: readonly CheckState[];
  /** The cycle’s one clock reading. */
  readonly now: Date;
  readonly context: HostContext;
  /** False while evidence cannot be written: then no remedy starts (DESIGN 6). */
  readonly mayStart: boolean;
  /** Probe and judge of one check again, with the same code: there is no separate “verify” (DESIGN 3). */
  readonly lookAgain: (check: string) => Promise<CheckState>;
};

export type Decision = Pick<Draft, 'outcome' | 'order_id' | 'runbook_id' | 'error'>;

/** What became of it. */
export type Healed = {
  /** The states as they are now: those that came in, looked at again where a remedy has ended. */
  readonly states: readonly CheckState[];
  /** A bundle for every remedy outcome and refused order; recorded before the changes of this cycle. */
  readonly drafts: readonly Draft[];
  /** By check id: how its drift is recorded if that is not `alert`, as `deferred` until the window opens, and why. */
  readonly decisions: ReadonlyMap<string, Decision>;
  readonly attempted: number;
  readonly successful: number;
};

export type Healer = (input: HealingInput) => Promise<Healed>;
