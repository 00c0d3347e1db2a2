import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as z from 'zod';
import { parseStatus } from '../../core/backup/look.ts';
import { canonicalBytes } from '../../wire/canonical.ts';
import type { Json } from '../../wire/primitives.ts';
import { replaceDurably } from '../durable.ts';

/** The status that the run before left; null where there is none, or none that can be read: the new one replaces it. */
export function readStatusFile<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    return parseStatus(readFileSync(path, 'utf8'), schema);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Puts a whole status in the place of the last, readable by all whatever the unit’s umask: it holds no secret. */
export function writeStatusFile(path: string, status: Json): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  replaceDurably(path, `${canonicalBytes(status).toString('utf8')}\n`, 0o644);
  chmodSync(path, 0o644);
}
