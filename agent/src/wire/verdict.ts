import * as z from 'zod';
import { Failure } from './failure-schema.ts';
import { CheckId, Json, RuleId, Timestamp } from './primitives.ts';

/** A check that could not look says so: `unknown` is never a pass (DESIGN promise 1). */
export const Verdict = z.enum(['compliant', 'drifted', 'unknown', 'notApplicable']);
export type Verdict = z.infer<typeof Verdict>;

export const Severity = z.enum(['low', 'medium', 'high', 'critical']);
export type Severity = z.infer<typeof Severity>;

/** One thing that is not as declared (`drifted`), or that could not be seen (`unknown`). */
export const Finding = z.strictObject({
  rule: RuleId.describe('which rule of the check found it, as `unit_not_active`'),
  subject: z.string().max(256).describe('what it is about: a unit, mount, chain, table, job'),
  verdict: z.enum(['drifted', 'unknown']),
  severity: Severity,
  expected: Json.describe('what the baseline declares'),
  actual: Json.describe('what the host says'),
  message: z.string().max(512).describe('one sentence for a person'),
  exception: z
    .string()
    .max(64)
    .nullable()
    .describe('id of the documented exception that covers it, or null'),
});
export type Finding = z.infer<typeof Finding>;

/** What one check concluded in one cycle. `facts` holds only what the check’s own schema lists. */
export const CheckState = z.strictObject({
  check: CheckId,
  verdict: Verdict,
  severity: Severity.nullable().describe(
    'the highest of the open findings; null where there is none',
  ),
  findings: z.array(Finding).max(512),
  exceptions: z
    .array(z.string().max(64))
    .describe('documented exceptions that this verdict rests on'),
  facts: Json.describe('what the host said, by the check’s schema; null where it could not look'),
  error: Failure.nullable().describe('why the check could not look'),
  reason: z
    .string()
    .max(256)
    .optional()
    .describe('why it does not apply: one sentence; only of `notApplicable`'),
  as_of: Timestamp.optional().describe(
    'when the oldest thing was measured that this verdict rests on; only where it is before this look',
  ),
});
export type CheckState = z.infer<typeof CheckState>;

const RANK: Record<Severity, number> = { low: 0, medium: 1, high: 2, critical: 3 };

/** The highest of some severities; null of none. */
export function highest(severities: readonly Severity[]): Severity | null {
  return severities.reduce<Severity | null>(
    (top, next) => (top === null || RANK[next] > RANK[top] ? next : top),
    null,
  );
}
