import { describeFailure, type Failure, FailureError } from '../wire/failure.ts';
import type { Severity } from '../wire/verdict.ts';
import type { Observation, Unseen } from './check.ts';

/** What a look gives, or why it could not be seen. A defect of the program is not caught here. */
export async function orUnseen<T>(look: Promise<T>): Promise<T | Unseen> {
  try {
    return await look;
  } catch (thrown) {
    if (thrown instanceof FailureError) return { unseen: thrown.failure };
    throw thrown;
  }
}

/** Like `orUnseen`, and null where there is nothing to see, which is an answer and not a failure. */
export async function orAbsent<T>(look: Promise<T>): Promise<T | Unseen | null> {
  const found = await orUnseen(look);
  return isUnseen(found) && found.unseen.code === 'absent' ? null : found;
}

export function isUnseen(part: unknown): part is Unseen {
  return typeof part === 'object' && part !== null && 'unseen' in part;
}

/** The `unknown` finding of a part that could not be seen; `what` begins the sentence, as “The executables of x”. */
export function unseenObservation({
  rule,
  subject,
  what,
  unseen,
  severity = 'medium',
}: {
  rule: string;
  subject: string;
  what: string;
  unseen: Failure;
  severity?: Severity;
}): Observation {
  return {
    rule,
    subject,
    verdict: 'unknown',
    severity,
    expected: 'seen',
    actual: unseen.code,
    message: `${what} could not be seen: ${describeFailure(unseen)}.`,
    ...(unseen.code === 'unsupported' && { unjudged: true as const }),
  };
}
