import type * as z from 'zod';
import { FailureError } from '../../wire/failure.ts';

/** A check’s section of the baseline by the schema of what a probe needs of it. Throws `malformed` where it breaks that. */
export function parseSection<T>(schema: z.ZodType<T>, section: unknown, check: string): T {
  const parsed = schema.safeParse(section);
  if (parsed.success) return parsed.data;
  throw new FailureError('malformed', { where: `checks.${check}` }, { cause: parsed.error });
}
