import type * as z from 'zod';

/** One wrong field: where, what stood there, what should. */
export type FieldIssue = {
  readonly field: string;
  readonly found: string;
  readonly expected: string;
  /** Where it stands, if not in the error’s own file: another file, or `environment`. */
  readonly source?: string;
};

/** Input that people wrote and can mend: every wrong field at once, with the file it stands in. Exit code 78. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly file: string;
  readonly issues: readonly FieldIssue[];
  constructor(file: string, issues: readonly FieldIssue[], options?: ErrorOptions) {
    super(
      issues
        .map(
          ({ field, found, expected, source = file }) =>
            `${source}: ${field || '(whole file)'}: found ${found}, ${expected}`,
        )
        .join('\n'),
      options,
    );
    this.file = file;
    this.issues = issues;
  }
}

/** Parses by a schema, or throws an `InputError` that names `file` and all wrong fields. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(file, fieldIssues(parsed.error, value));
}

/** zod’s issues with a `value` as field, found and expected. Found values are cut at 80 characters. */
export function fieldIssues(error: z.ZodError, value: unknown): FieldIssue[] {
  return error.issues.flatMap((issue): FieldIssue[] => {
    const field = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: field === '' ? key : `${field}.${key}`,
        found: 'an unknown field',
        expected: 'expected one of the documented fields',
      }));
    }
    const expected = issue.message.startsWith('expected') ? issue.message : plain(issue.message);
    return [{ field, found: show(valueAt(value, issue.path)), expected }];
  });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

function plain(message: string): string {
  return message.replace(/^Invalid input: /, '').replace(/, received .*$/, '');
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
