import * as z from 'zod';
import { Failure } from '../../wire/failure.ts';

/** A cipher as cryptsetup writes it: `aes-xts-plain64`. */
export const Cipher = z
  .string()
  .regex(/^[A-Za-z0-9()_:-]{1,64}$/, 'expected a cipher, as aes-xts-plain64');

/** What may be known of a LUKS header: never salts, digests, iteration counts or anything derived from a key. */
export const LuksHeader = z.strictObject({
  version: z.union([z.literal(1), z.literal(2)]),
  uuid: z.string().regex(/^[0-9a-f-]{36}$/),
  ciphers: z.array(Cipher).max(32).describe('of the data segments'),
  key_slot_ciphers: z.array(Cipher).max(32).describe('of the areas that hold the volume key'),
  key_bits: z.number().int().nullable().describe('of the volume key; null without a key slot'),
  key_slots: z.array(z.number().int().min(0).max(31)).max(32),
  integrity: z.string().max(64).nullable(),
  complete: z.boolean().describe('false while a segment lies in the clear (re-encryption)'),
});
export type LuksHeader = z.infer<typeof LuksHeader>;

/** One declared device as the probe `volumes` saw it; `header` null is a device that holds no LUKS header. */
export const Volume = z.union([
  z.strictObject({ name: z.string().max(128), header: LuksHeader.nullable() }),
  z.strictObject({ name: z.string().max(128), error: Failure }),
]);
export type Volume = z.infer<typeof Volume>;

export const Volumes = z.strictObject({ volumes: z.array(Volume).max(256) });
export type Volumes = z.infer<typeof Volumes>;

/** Bytes of a device that tell whether and which LUKS it holds; the whole header of LUKS1. */
export const LUKS_HEAD_BYTES = 592;

/** LUKS version of a device’s first bytes; null where they are no LUKS header. The uuid stands at 168 in both. */
export function luksVersion(head: Uint8Array): { version: number; uuid: string } | null {
  if (ascii(head, 0, 4) !== 'LUKS' || head[4] !== 0xba || head[5] !== 0xbe) return null;
  return { version: view(head).getUint16(6), uuid: ascii(head, 168, 40) };
}

/** LUKS1 On-Disk Format Specification 1.2.3, figure 1: big-endian, eight key slots of 48 bytes from 208. */
export function parseLuks1(head: Uint8Array): LuksHeader {
  if (head.length < LUKS_HEAD_BYTES) throw new RangeError('a LUKS1 header is 592 bytes');
  const words = view(head);
  const cipher = `${ascii(head, 8, 32)}-${ascii(head, 40, 32)}`;
  const slots = [0, 1, 2, 3, 4, 5, 6, 7];
  return LuksHeader.parse({
    version: 1,
    uuid: ascii(head, 168, 40),
    ciphers: [cipher],
    key_slot_ciphers: [cipher],
    key_bits: words.getUint32(108) * 8,
    key_slots: slots.filter((slot) => words.getUint32(208 + slot * 48) === 0x00ac71f3),
    integrity: null,
    complete: true,
  });
}

const Dump = z.object({
  keyslots: z.record(
    z.string(),
    z.object({
      type: z.string(),
      key_size: z.number().int(),
      area: z.object({ encryption: z.string().optional() }),
    }),
  ),
  segments: z.record(
    z.string(),
    z.object({
      type: z.string(),
      encryption: z.string().optional(),
      integrity: z.object({ type: z.string() }).optional(),
      flags: z.array(z.string()).optional(),
    }),
  ),
  digests: z.record(
    z.string(),
    z.object({ keyslots: z.array(z.string()), segments: z.array(z.string()) }),
  ),
});

/** What `cryptsetup luksDump --dump-json-metadata` prints (LUKS2 On-Disk Format Specification 1.1.2, section 3). */
export function parseLuks2(text: string, uuid: string): LuksHeader {
  const { keyslots, segments, digests } = Dump.parse(JSON.parse(text));
  // `backup-…` segments remember the layout before a re-encryption; data is only in the others.
  const data = Object.values(segments).filter(
    ({ flags = [] }) => !flags.some((flag) => flag.startsWith('backup-')),
  );
  const opening = Object.entries(keyslots).filter(([, { type }]) => type === 'luks2');
  const bound = new Set(
    Object.values(digests).flatMap((digest) => (digest.segments.length > 0 ? digest.keyslots : [])),
  );
  const sizes = opening.filter(([id]) => bound.has(id)).map(([, { key_size }]) => key_size * 8);
  return LuksHeader.parse({
    version: 2,
    uuid,
    ciphers: unique(data.flatMap(({ encryption }) => encryption ?? [])),
    key_slot_ciphers: unique(opening.flatMap(([, { area }]) => area.encryption ?? [])),
    key_bits: sizes.length === 0 ? null : Math.min(...sizes),
    key_slots: opening.map(([id]) => Number(id)).sort((one, two) => one - two),
    integrity: data.find(({ integrity }) => integrity !== undefined)?.integrity?.type ?? null,
    complete: data.length > 0 && data.every(({ type }) => type.startsWith('crypt')),
  });
}

const unique = (words: readonly string[]) => [...new Set(words)].sort();
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Text in a field of fixed length that ends at the first zero byte. */
function ascii(bytes: Uint8Array, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return String.fromCharCode(...field.subarray(0, end < 0 ? length : end));
}
