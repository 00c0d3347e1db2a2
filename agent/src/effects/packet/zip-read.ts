import { appendFileSync, closeSync, existsSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { FailureError } from '../../wire/failure.ts';
import {
  centralHeader,
  endRecords,
  localHeader,
  nextOffset,
  readAt,
  readHeader,
  type ZipEntry,
} from './zip-format.ts';

/** Where a ZIP is not, byte for byte, what a packet of its entries would be. `name` is the entry, or the part. */
export type ZipFault = { readonly name: string; readonly message: string };

const MAX_FILE_BYTES = 512 * 1024 * 1024;
const PART = 256 * 1024;
/** Names of a packet’s files; none leads elsewhere. */
const NAME = /^(?!\.)[\w.@-]+(\/(?!\.)[\w.@-]+)*$/;
const DIRECTORY = 'directory of the ZIP';

/**
 * Unpacks a packet’s ZIP below a folder (null: only looks), and gives the first byte that is not as `createZip` would have written it from
 * what it holds; null where there is none. As far as headers can be followed, files are unpacked all the same, so that
 * they are judged by themselves. Throws `malformed` for what is no packet at all and for a name that leads elsewhere.
 */
export function unpackZip(path: string, folder: string | null): ZipFault | null {
  const file = openSync(path, 'r');
  try {
    const { directory, fault } = unpackEntries(file, folder, path);
    return fault ?? compareDirectory(file, directory);
  } finally {
    closeSync(file);
  }
}

function unpackEntries(file: number, folder: string | null, path: string) {
  let fault: ZipFault | null = null;
  let offset = 0;
  for (;;) {
    const entry = readHeader(file, offset);
    if (entry === null) break;
    const differs = firstDifference(entry.raw, localHeader(entry));
    if (differs !== null) {
      fault ??= at(offset + differs, entry.name, 'in its header');
      break;
    }
    const target = folder && join(folder, entry.name);
    if (!NAME.test(entry.name) || (target && existsSync(target)))
      throw malformed(`${path}: byte ${offset}: a name that no packet’s file has, or has twice`);
    if (entry.size > MAX_FILE_BYTES) throw new FailureError('too_large', { limit: MAX_FILE_BYTES });
    const { crc, length } = unpackEntry(file, entry, target);
    if (length < entry.size) {
      fault ??= at(offset + entry.raw.length + length, entry.name, 'the ZIP ends within it');
      break;
    }
    if (crc !== entry.crc)
      fault ??= { name: entry.name, message: 'its bytes have not the CRC-32 that the ZIP says' };
    offset = nextOffset(entry);
  }
  if (offset === 0 && fault === null) throw malformed(`${path}: it is no ZIP of a packet`);
  return { directory: offset, fault };
}

function unpackEntry(file: number, entry: ZipEntry & { raw: Buffer }, target: string | null) {
  if (target) mkdirSync(dirname(target), { recursive: true });
  const out = target && openSync(target, 'wx', 0o600);
  try {
    let crc = 0;
    let length = 0;
    while (length < entry.size) {
      const from = entry.offset + entry.raw.length + length;
      const part = readAt(file, from, Math.min(PART, entry.size - length));
      if (part.length === 0) break;
      if (out) appendFileSync(out, part);
      crc = crc32(part, crc);
      length += part.length;
    }
    return { crc, length };
  } finally {
    if (out) closeSync(out);
  }
}

/** The directory and the end records, against what follows from the headers before them. */
function compareDirectory(file: number, directory: number): ZipFault | null {
  let entries = 0;
  let place = directory;
  const compare = (expected: Buffer): ZipFault | null => {
    const differs = firstDifference(readAt(file, place, expected.length), expected);
    if (differs !== null) return at(place + differs, DIRECTORY, 'not what follows from its files');
    place += expected.length;
    return null;
  };
  for (let offset = 0; offset < directory; entries += 1) {
    const entry = readHeader(file, offset);
    if (entry === null) break;
    const fault = compare(centralHeader(entry));
    if (fault !== null) return fault;
    offset = nextOffset(entry);
  }
  const fault = compare(endRecords(entries, place - directory, directory));
  if (fault !== null || fstatSync(file).size === place) return fault;
  return at(place, DIRECTORY, 'something follows its end');
}

function firstDifference(found: Buffer, expected: Buffer): number | null {
  if (found.equals(expected)) return null;
  const differs = expected.findIndex((byte, index) => found[index] !== byte);
  return differs === -1 ? expected.length : differs;
}

const at = (offset: number, name: string, what: string): ZipFault => ({
  name,
  message: `the ZIP is not as it was written at byte ${offset}: ${what}`,
});

function malformed(message: string): FailureError {
  return new FailureError('malformed', { where: 'packet' }, { message });
}
