import * as z from 'zod';
import { type Baseline, baselineSchema, parseBaseline } from '../checks/baseline.ts';
import { readDocument } from '../effects/document.ts';
import { InputError } from '../wire/input.ts';

/**
 * The baseline in force, from a YAML or JSON file. One that was made in the future is refused: either its clock was
 * wrong or this host's is, and a verdict could not be trusted. `maxSkewMs` is what the clocks may differ.
 */
export async function loadBaseline({
  path,
  now,
  maxSkewMs,
}: {
  path: string;
  now: Date;
  maxSkewMs: number;
}): Promise<Baseline> {
  const baseline = parseBaseline(await readDocument(path), path);
  const madeAt = Date.parse(baseline.generated_at ?? '');
  if (madeAt > now.getTime() + maxSkewMs) {
    throw new InputError(path, [
      {
        field: 'generated_at',
        found: `${baseline.generated_at}, which is in the future`,
        expected: `expected at most ${now.toISOString()}, the clock of this host`,
      },
    ]);
  }
  return baseline;
}

/** The baseline as JSON Schema (draft 2020-12), as it is written. */
export function baselineJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(baselineSchema(), { io: 'input' });
}
