import { readFileSync } from 'node:fs';
import { InputError } from '../../wire/input.ts';

/** Text of a file, or of standard input for `-`. Throws `InputError` that names the file. */
export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw unusable(file, String((cause as NodeJS.ErrnoException).code), cause);
  }
}

/** JSON of such a text. Throws the same. */
export function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable(file, 'text that is no JSON', cause);
  }
}

const unusable = (file: string, found: string, cause: unknown): InputError =>
  new InputError(file, [{ field: '', found, expected: 'expected a readable JSON file' }], {
    cause,
  });

export const printJson = (value: unknown): void => console.log(JSON.stringify(value, null, 2));
