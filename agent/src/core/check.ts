import type * as z from 'zod';
import type { Failure } from '../wire/failure.ts';
import type { Json } from '../wire/primitives.ts';
import type { Finding } from '../wire/verdict.ts';
import type { Cited } from './frameworks/index.ts';
import type { Host } from './host.ts';

/** A requirement that a check serves, as its framework’s table has it (core/frameworks). */
export type Citation = Pick<Cited, 'framework' | 'id' | 'title' | 'specification'>;

/** A finding as a check states it; exceptions are laid over it afterwards by `core/judge.ts`. */
export type Observation = Omit<Finding, 'exception'> & {
  /** Of an `unknown`: it was seen, and is of a kind that no rule judges. It does not enter evidence. */
  readonly unjudged?: true;
};

/** What a judge says. `notApplicable` only by a stated rule, never because something could not be seen. */
export type Judgement =
  | {
      readonly applicable: true;
      readonly observations: readonly Observation[];
      /** RFC 3339: since when the oldest thing is known that the judgement rests on, where that is before this look. */
      readonly asOf?: string | undefined;
    }
  | { readonly applicable: false; readonly reason: string };

/**
 * A check is data and two functions. `probe` looks and does not judge: it gives facts, or throws `FailureError` when
 * it could not look at all; what it could not see in part is an `Unseen` inside the facts. `judge` is pure.
 * `E` is the check’s section of the baseline, `F` its facts: exactly what may enter evidence.
 */
export interface Check<E = unknown, F = unknown> {
  readonly id: string;
  readonly title: string;
  readonly citations: readonly Citation[];
  /** Id of the remedy for its drift. */
  readonly remedy: string;
  /** Seconds it may take unless the settings say otherwise. */
  readonly timeout: number;
  readonly expectation: z.ZodType<E>;
  readonly facts: z.ZodType<F>;
  probe(look: { host: Host; expected: E; now: Date }): Promise<F>;
  judge(seen: { facts: F; expected: E; now: Date }): Judgement;
}

/** Part of the facts that could not be seen; a judge turns it into a finding with verdict `unknown`. */
export type Unseen = { readonly unseen: Failure };

/** Keeps the types of one check together and lets a registry hold checks of any. */
export function defineCheck<E extends Json | object, F extends Json | object>(
  check: Check<E, F>,
): Check {
  return check as unknown as Check;
}
