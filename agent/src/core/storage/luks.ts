import { Reading } from '../reading.ts';
import type { LuksHeader } from './luks-schema.ts';

export type { LuksHeader, Volume, Volumes } from './luks-schema.ts';

/** A name as in /dev/mapper. */
export const LUKS_NAME = /^[A-Za-z0-9#+.:=@_-]{1,127}$/;
export const CIPHER = /^[A-Za-z0-9()_:-]{1,64}$/;
export const LUKS_UUID = /^[0-9a-f-]{36}$/;
/** An integrity mode, as hmac(sha256). */
const WORD = /^.{1,64}$/;

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
  new Reading(cipher, 'luks1').text(CIPHER);
  return {
    version: 1,
    uuid: new Reading(ascii(head, 168, 40), 'luks1').text(LUKS_UUID),
    ciphers: [cipher],
    key_slot_ciphers: [cipher],
    key_bits: words.getUint32(108) * 8,
    key_slots: slots.filter((slot) => words.getUint32(208 + slot * 48) === 0x00ac71f3),
    integrity: null,
    complete: true,
  };
}

type Dump = { keyslots: KeySlot[]; segments: Segment[]; digests: Digest[] };
type KeySlot = { id: string; type: string; bytes: number; cipher: string[] };
type Segment = { type: string; cipher: string[]; integrity: string | null; flags: string[] };
type Digest = { keyslots: string[]; segments: string[] };

/** What of the metadata counts; everything else, salts and digests among it, is not even read. */
function readDump(text: string): Dump {
  const dump = new Reading(JSON.parse(text), 'cryptsetup');
  const cipher = (of: Reading) => of.field('encryption').or([], (given) => [given.text(CIPHER)]);
  const keyslots = dump.field('keyslots').entries((slot) => ({
    type: slot.field('type').text(),
    bytes: slot.field('key_size').integer(0, 65_536),
    cipher: cipher(slot.field('area')),
  }));
  const segments = dump.field('segments').entries((segment) => ({
    type: segment.field('type').text(),
    cipher: cipher(segment),
    integrity: segment.field('integrity').or(null, (given) => given.field('type').text(WORD)),
    flags: segment.field('flags').or([], (given) => given.texts()),
  }));
  const digests = dump.field('digests').entries((digest) => ({
    keyslots: digest.field('keyslots').texts(),
    segments: digest.field('segments').texts(),
  }));
  return {
    keyslots: keyslots.map(([id, slot]) => ({ id, ...slot })),
    segments: segments.map(([, segment]) => segment),
    digests: digests.map(([, digest]) => digest),
  };
}

/** What `cryptsetup luksDump --dump-json-metadata` prints (LUKS2 On-Disk Format Specification 1.1.2, section 3). */
export function parseLuks2(text: string, uuid: string): LuksHeader {
  const { keyslots, segments, digests } = readDump(text);
  // `backup-…` segments remember the layout before a re-encryption; data is only in the others.
  const data = segments.filter(({ flags }) => !flags.some((flag) => flag.startsWith('backup-')));
  const opening = keyslots.filter(({ type }) => type === 'luks2');
  const bound = new Set(
    digests.flatMap((digest) => (digest.segments.length > 0 ? digest.keyslots : [])),
  );
  const sizes = opening.filter(({ id }) => bound.has(id)).map(({ bytes }) => bytes * 8);
  return {
    version: 2,
    uuid: new Reading(uuid, 'cryptsetup').text(LUKS_UUID),
    ciphers: unique(data.flatMap(({ cipher }) => cipher)),
    key_slot_ciphers: unique(opening.flatMap(({ cipher }) => cipher)),
    key_bits: sizes.length === 0 ? null : Math.min(...sizes),
    key_slots: opening.map(({ id }) => Number(id)).sort((one, two) => one - two),
    integrity: data.find(({ integrity }) => integrity !== null)?.integrity ?? null,
    complete: data.length > 0 && data.every(({ type }) => type.startsWith('crypt')),
  };
}

const unique = (words: readonly string[]) => [...new Set(words)].sort();
const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Text in a field of fixed length that ends at the first zero byte. */
function ascii(bytes: Uint8Array, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return String.fromCharCode(...field.subarray(0, end < 0 ? length : end));
}
