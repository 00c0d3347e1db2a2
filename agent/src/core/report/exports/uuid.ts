import { createHash } from 'node:crypto';

/** Of this project’s own names; made once by chance. */
const NAMESPACE = Buffer.from('6f9a2c1e8b7d4c55a0e3d19b4472fe06', 'hex');

/** A UUID that follows from a name: version 5 (RFC 9562 section 5.5), so that the same facts have the same identifiers. */
export function nameUuid(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
