import * as z from 'zod';
import type { Check } from '../core/check.ts';
import { BaselineEnvelope } from '../wire/baseline.ts';
import { parseInput } from '../wire/input.ts';
import type { Json } from '../wire/primitives.ts';
import { CHECKS } from './index.ts';

/** A whole baseline: the envelope, and each section as the schema of its check gave it, defaults filled in. */
export type Baseline = Omit<BaselineEnvelope, 'checks'> & { checks: Record<string, Json> };

/** The envelope with a section for each check there is; any may be left out, and no other is known. */
export function baselineSchema(checks: readonly Check[] = CHECKS): z.ZodType<Baseline> {
  const sections = checks.map(({ id, title, expectation }): [string, z.ZodType] => [
    id,
    expectation.optional().describe(title),
  ]);
  const shape = z.strictObject(Object.fromEntries(sections)).prefault({});
  return BaselineEnvelope.extend({ checks: shape }) as unknown as z.ZodType<Baseline>;
}

const WholeBaseline = baselineSchema();

/** Parses a baseline read from `file`; an `InputError` names all wrong fields, as `checks.patching.max_age_days`. */
export function parseBaseline(value: unknown, file: string, checks = CHECKS): Baseline {
  return parseInput(checks === CHECKS ? WholeBaseline : baselineSchema(checks), value, file);
}
