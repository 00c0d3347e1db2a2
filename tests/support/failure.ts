import { type Failure, FailureError } from '../../agent/src/wire/failure.ts';

/** The failure that work ends with; null where it succeeds. Anything else that is thrown goes on. */
export async function failureOf(work: Promise<unknown>): Promise<Failure | null> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  return null;
}
