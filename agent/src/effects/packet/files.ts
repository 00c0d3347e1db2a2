import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const PART = 64 * 1024;
/** No line of a packet’s sums is longer. */
const LONGEST_LINE = 4096;

/** Every name below a folder that is no folder, with `/` between its parts. */
export function* namesBelow(folder: string, below = ''): Generator<string> {
  const entries = readdirSync(join(folder, below), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* namesBelow(folder, name);
    else yield name;
  }
}

/** A file’s bytes in parts; none where there is no file. */
export function* partsOf(path: string): Generator<Buffer> {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const part = Buffer.allocUnsafe(PART);
      const length = readSync(file, part, 0, PART, null);
      if (length === 0) return;
      yield part.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

/** A file’s lines as Latin-1; what is longer than any line of ours is cut. */
export function* linesOf(path: string): Generator<string> {
  let rest = '';
  for (const part of partsOf(path)) {
    const lines = (rest + part.toString('latin1')).split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** SHA-256 of what parts make together, lower-case hex. */
export function digestOf(parts: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
