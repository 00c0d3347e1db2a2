import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { centralHeader, endRecords, localHeader, nextOffset, readHeader } from './zip-format.ts';

export type ZipOut = {
  /** Adds a file in parts, which may be made while they are written; gives the digest of its bytes. */
  add(name: string, parts: Iterable<Uint8Array>): { sha256: string };
  end(): void;
  /** Closes what `end` has not; harmless after it. */
  close(): void;
};

/** Parts of this size are written at once. */
const PART = 256 * 1024;

/** Writes a ZIP file by file; what it keeps in memory does not grow with it. The form is that of `zip-format.ts`. */
export function createZip(path: string): ZipOut {
  let file: number | null = openSync(path, 'w+', 0o640);
  let at = 0;
  const open = (): number => {
    if (file === null) throw new Error(`${path} is closed`);
    return file;
  };
  const write = (bytes: Uint8Array): void => {
    for (let done = 0; done < bytes.length; )
      done += writeSync(open(), bytes, done, bytes.length - done, at + done);
    at += bytes.length;
  };
  const close = (): void => {
    if (file !== null) closeSync(file);
    file = null;
  };
  return {
    add(name, parts) {
      const offset = at;
      let entry = { name, size: 0, crc: 0 };
      write(localHeader(entry)); // its place; what it says is known afterwards
      const hash = createHash('sha256');
      for (const part of parts) {
        hash.update(part);
        entry = { name, size: entry.size + part.length, crc: crc32(part, entry.crc) };
        write(part);
      }
      const end = at;
      at = offset;
      write(localHeader(entry));
      at = end;
      return { sha256: hash.digest('hex') };
    },
    end() {
      const directory = at;
      let entries = 0;
      let waiting: Buffer[] = [];
      let length = 0;
      const flush = () => {
        write(Buffer.concat(waiting));
        waiting = [];
        length = 0;
      };
      for (let offset = 0; offset < directory; entries += 1) {
        const entry = readHeader(open(), offset);
        if (entry === null) throw new Error(`${path} changed while it was written`);
        const line = centralHeader(entry);
        waiting.push(line);
        length += line.length;
        if (length > PART) flush();
        offset = nextOffset(entry);
      }
      flush();
      write(endRecords(entries, at - directory, directory));
      close();
    },
    close,
  };
}
