import { readFile, stat } from 'node:fs/promises';
import { InputError } from '../wire/input.ts';

/** No settings or baseline is longer: 4 MiB. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/**
 * Reads a YAML or JSON document that people or the Nix module wrote. Only what JSON knows comes out: YAML's core schema
 * has no times, no tags and no merge keys; a key that stands twice is an error. Null for an empty file. Throws
 * `InputError` with the file, line and column.
 */
export async function readDocument(path: string): Promise<unknown> {
  return parseDocument(await readText(path), path);
}

/** The text of a document that may be read whole. Throws `InputError` with the file. */
export async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_DOCUMENT_BYTES) throw wrong(path, `${size} bytes`, 'expected at most 4 MiB');
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw wrong(path, cause(error), 'expected a readable file', error);
  }
}

/** What the text of a document says; `path` is for the `InputError`. */
export async function parseDocument(text: string, path: string): Promise<unknown> {
  const json = plainJson(text);
  if (json !== undefined) return json;
  const { parseYaml } = await import('./yaml.ts'); // not loaded for what the Nix module writes
  return parseYaml(text, path);
}

/** A JSON object in which no key stands twice; undefined for anything else, which YAML’s parser is to judge. */
function plainJson(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const value = JSON.parse(text);
    const written = text.match(/"(?:[^"\\]|\\.)*"\s*:?/g) ?? [];
    return written.filter((part) => part.endsWith(':')).length === keysIn(value)
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const parts = Object.values(value);
  const own = Array.isArray(value) ? 0 : parts.length;
  return parts.reduce((sum, part) => sum + keysIn(part), own);
}

function wrong(path: string, found: string, expected: string, cause?: unknown): InputError {
  return new InputError(path, [{ field: '', found, expected }], { cause });
}

function cause(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read';
  return code === 'EISDIR' ? 'a folder' : `an error when reading (${String(code ?? error)})`;
}
