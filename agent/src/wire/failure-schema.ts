import * as z from 'zod';
import { FAILURE_CODES, type Failure as FailureType, TOKEN } from './failure.ts';

const token = z.string().regex(TOKEN);

const FailureParams = z.strictObject({
  exit_code: z.number().int().optional(),
  errno: z
    .string()
    .regex(/^E[A-Z0-9]{1,20}$/)
    .optional(),
  tool: token.optional(),
  path: token.optional(),
  unit: token.optional(),
  probe: token.optional(),
  backend: token.optional(),
  reason: token.optional(),
  where: token.optional(),
  limit: z.number().optional(),
  status: z.number().int().optional(),
});

/** A failure as it enters evidence and crosses sockets. */
export const Failure = z.strictObject({
  code: z.enum(FAILURE_CODES),
  params: FailureParams,
}) satisfies z.ZodType<FailureType>;
export type Failure = FailureType;
