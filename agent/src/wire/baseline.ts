import * as z from 'zod';
import { CheckId, Json, RuleId, Timestamp } from './primitives.ts';

export const BASELINE_VERSION = 1;

/**
 * An addressable specification may be met by a documented alternative (45 CFR 164.306(d)(3)(ii)(B)). The verdict
 * names it; after `expires` it covers nothing. What could not be seen it never covers; what was seen and no rule can
 * judge, as another stack of encryption, it covers where it names rule and subject.
 */
export const Exception = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .describe('as it appears in evidence'),
  check: CheckId,
  rule: RuleId.optional().describe('only this rule; every rule of the check where left out'),
  subject: z.string().max(256).optional().describe('only this unit, mount, chain or job'),
  reason: z
    .string()
    .min(1)
    .max(512)
    .describe('why the control is not reasonable and appropriate here'),
  alternative: z.string().min(1).max(512).describe('the equivalent measure that is in place'),
  approved_by: z
    .string()
    .min(1)
    .max(128)
    .describe('the approving role, as Security Official; not a person’s name'),
  expires: Timestamp,
});
export type Exception = z.infer<typeof Exception>;

/**
 * What the host is declared to be. The envelope is fixed here; each section below `checks` is parsed by the schema of
 * the check of that id. A check without a section is `notApplicable`.
 */
export const BaselineEnvelope = z.strictObject({
  version: z.literal(BASELINE_VERSION),
  generated_at: Timestamp.optional().describe('when it was made; one from the future is refused'),
  source: z.enum(['nixos', 'manual', 'demo']).default('manual'),
  profile: z.enum(['hipaa', 'nprm-2025']).default('hipaa'),
  nixos_revision: z
    .string()
    .regex(/^[0-9a-f]{7,40}(-dirty)?$/)
    .optional()
    .describe('nixpkgs revision it was derived from'),
  exceptions: z.array(Exception).max(256).default([]),
  checks: z.record(CheckId, Json).default({}),
});
export type BaselineEnvelope = z.infer<typeof BaselineEnvelope>;
