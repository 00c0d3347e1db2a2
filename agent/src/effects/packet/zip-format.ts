import { readSync } from 'node:fs';

/**
 * The one form of ZIP that a packet has (PKWARE’s APPNOTE.TXT): files that are stored and not compressed, since what a
 * compressor makes differs by its version; all of one time and mode; ZIP64 where 16 or 32 bits do not hold the count or
 * place. The same files in the same order give the same bytes, so that any other byte is an alteration.
 */
export type ZipEntry = {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  /** Where its header begins in the file. */
  readonly offset: number;
};

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LOCAL_LENGTH = 30;
const MADE_BY_UNIX = 0x0300;
const VERSION = 20;
const VERSION_64 = 45;
/** 1980-01-01, the first day that a ZIP can tell. */
const DATE = 0x21;
const PLAIN_FILE_0644 = 0o100644 * 0x10000;
const MOST_16 = 0xffff;
const MOST_32 = 0xffffffff;

/** Fields of 2, 4 and 8 bytes, little-endian, then bytes. */
function pack(fields: readonly (readonly [size: 2 | 4 | 8, value: number])[], tail = ''): Buffer {
  const length = fields.reduce((sum, [size]) => sum + size, 0);
  const bytes = Buffer.alloc(length + tail.length);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 8) bytes.writeBigUInt64LE(BigInt(value), at);
    else bytes.writeUIntLE(value, at, size);
    at += size;
  }
  bytes.write(tail, at, 'latin1');
  return bytes;
}

/** What stands before a file’s bytes. */
export function localHeader({ name, size, crc }: Omit<ZipEntry, 'offset'>): Buffer {
  return pack(
    [
      ...([
        [4, LOCAL],
        [2, VERSION],
        [2, 0],
        [2, 0],
        [2, 0],
        [2, DATE],
      ] as const),
      ...([
        [4, crc],
        [4, size],
        [4, size],
        [2, name.length],
        [2, 0],
      ] as const),
    ],
    name,
  );
}

/** A file’s line in the directory at the end. */
export function centralHeader({ name, size, crc, offset }: ZipEntry): Buffer {
  const far = offset >= MOST_32;
  const version = far ? VERSION_64 : VERSION;
  const header = pack(
    [
      ...([
        [4, CENTRAL],
        [2, MADE_BY_UNIX | version],
        [2, version],
        [2, 0],
        [2, 0],
      ] as const),
      ...([
        [2, 0],
        [2, DATE],
        [4, crc],
        [4, size],
        [4, size],
        [2, name.length],
      ] as const),
      ...([
        [2, far ? 12 : 0],
        [2, 0],
        [2, 0],
        [2, 0],
      ] as const),
      ...([
        [4, PLAIN_FILE_0644],
        [4, Math.min(offset, MOST_32)],
      ] as const),
    ],
    name,
  );
  return far
    ? Buffer.concat([
        header,
        pack([
          [2, 1],
          [2, 8],
          [8, offset],
        ]),
      ])
    : header;
}

/** What ends the file: how many entries the directory has, how long it is and where it begins. */
export function endRecords(entries: number, length: number, offset: number): Buffer {
  const count = Math.min(entries, MOST_16);
  const end = pack([
    ...([
      [4, END],
      [2, 0],
      [2, 0],
      [2, count],
      [2, count],
    ] as const),
    ...([
      [4, Math.min(length, MOST_32)],
      [4, Math.min(offset, MOST_32)],
      [2, 0],
    ] as const),
  ]);
  if (entries < MOST_16 && length < MOST_32 && offset < MOST_32) return end;
  const wide = pack([
    ...([
      [4, END_64],
      [8, 44],
      [2, MADE_BY_UNIX | VERSION_64],
      [2, VERSION_64],
    ] as const),
    ...([
      [4, 0],
      [4, 0],
      [8, entries],
      [8, entries],
      [8, length],
      [8, offset],
    ] as const),
  ]);
  return Buffer.concat([
    wide,
    pack([
      [4, LOCATOR_64],
      [4, 0],
      [8, offset + length],
      [4, 1],
    ]),
    end,
  ]);
}

/** The header at a place of an open file, with the bytes that it has there; null where none begins. */
export function readHeader(file: number, offset: number): (ZipEntry & { raw: Buffer }) | null {
  const fixed = readAt(file, offset, LOCAL_LENGTH);
  if (fixed.length < LOCAL_LENGTH || fixed.readUInt32LE(0) !== LOCAL) return null;
  const raw = readAt(file, offset, LOCAL_LENGTH + fixed.readUInt16LE(26));
  const name = raw.toString('latin1', LOCAL_LENGTH);
  return { name, crc: fixed.readUInt32LE(14), size: fixed.readUInt32LE(18), offset, raw };
}

/** Where the entry after this one begins. */
export function nextOffset({ name, size, offset }: ZipEntry): number {
  return offset + LOCAL_LENGTH + name.length + size;
}

/** So many bytes of an open file, or fewer at its end. */
export function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
}
