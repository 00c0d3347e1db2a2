import * as z from 'zod';
import { CheckState, Severity, Verdict } from '../../wire/verdict.ts';

/** What a control's state says beside its facts, with or without them; fields that a later version adds do not matter. */
export const ControlState = z.object(CheckState.shape).omit({ facts: true });
export type ControlState = z.infer<typeof ControlState>;

/** What an attestation says of every control. */
export const AttestedState = z.object({
  verdicts: z.array(
    z.object({
      check: z.string(),
      verdict: Verdict,
      severity: Severity.nullable(),
      exceptions: z.array(z.string()),
      as_of: z.string().optional(),
    }),
  ),
});
export type AttestedState = z.infer<typeof AttestedState>;
