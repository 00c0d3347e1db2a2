import { readFileSync } from 'node:fs';
import { InputError } from '../../wire/input.ts';

/** JSON of a file, or of standard input for `-`. Throws `InputError` that names the file. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (cause) {
    const found =
      cause instanceof SyntaxError
        ? 'text that is no JSON'
        : String((cause as NodeJS.ErrnoException).code);
    throw new InputError(file, [{ field: '', found, expected: 'expected a readable JSON file' }], {
      cause,
    });
  }
}

export const printJson = (value: unknown): void => console.log(JSON.stringify(value, null, 2));
