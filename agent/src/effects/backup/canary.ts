import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { replaceDurably } from '../durable.ts';

/** SHA-256 of a file as lower-case hex; null where it is not there. */
export async function hashFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return hash.digest('hex');
}

/** Writes a canary that never was before, so a snapshot which holds it is of this run and of no earlier one. */
export function writeCanary(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  replaceDurably(path, `${randomBytes(32).toString('hex')}\n`, 0o600);
}
