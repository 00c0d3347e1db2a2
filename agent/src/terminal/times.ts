import { type FieldIssue, InputError } from '../wire/input.ts';

const FORM = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** A time on the command line in milliseconds since the epoch; a date is its beginning in UTC. */
export function timeOption(
  field: string,
  text: string | undefined,
  issues: FieldIssue[],
): number | undefined {
  if (text === undefined) return undefined;
  const value = Date.parse(text);
  if (FORM.test(text) && !Number.isNaN(value)) return value;
  issues.push({ field, found: text, expected: 'expected 2026-11-22 or 2026-11-22T09:30:00Z' });
  return undefined;
}

/** `--from` and `--to` as a period. Throws `InputError` where it is none. */
export function periodOption(options: { from: string; to: string }): { from: number; to: number } {
  const issues: FieldIssue[] = [];
  const from = timeOption('--from', options.from, issues);
  const to = timeOption('--to', options.to, issues);
  if (from !== undefined && to !== undefined) {
    if (from < to) return { from, to };
    issues.push({ field: '--to', found: options.to, expected: 'expected a time after --from' });
  }
  throw new InputError('command line', issues);
}
