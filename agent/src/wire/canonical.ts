import { hash } from 'node:crypto';

/** Apart, since a probe that hashes nothing answers before node:crypto is loaded, a tenth of its CPU. */
export { canonicalBytes } from './canonical-json.ts';

/** SHA-256 of bytes as lower-case hex. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes);
}
