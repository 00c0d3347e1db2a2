import { CORE_SCHEMA, load, YAMLException } from 'js-yaml';
import { InputError } from '../wire/input.ts';

/** What a YAML document says; `path` is for the `InputError`, which names line and column. */
export function parseYaml(text: string, path: string): unknown {
  try {
    return load(text, { schema: CORE_SCHEMA }) ?? null;
  } catch (error) {
    const found = error instanceof YAMLException ? place(error) : String(error);
    throw new InputError(path, [{ field: '', found, expected: 'expected YAML or JSON' }]);
  }
}

function place({ reason, mark }: YAMLException): string {
  return mark === undefined
    ? reason
    : `${reason} (line ${mark.line + 1}, column ${mark.column + 1})`;
}
