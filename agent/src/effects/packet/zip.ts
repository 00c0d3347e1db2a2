import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { promisify } from 'node:util';
import { open, type Entry as ZipEntry, type ZipFile } from 'yauzl';
import { ZipFile as ZipWriter } from 'yazl';
import { FailureError } from '../../wire/failure.ts';

/** Beginning of the time that a ZIP can tell: the same in every archive, so that the same files make the same bytes. */
const MTIME = new Date(1980, 0, 1);
/** Not compressed: what a compressor makes differs by its version. */
const OPTIONS = { mtime: MTIME, mode: 0o100644, compress: false, forceDosTimestamp: true };
const MOST_WAITING_BYTES = 8 * 1024 * 1024;
const MAX_FILE_BYTES = 512 * 1024 * 1024;

export type ZipOut = {
  add(name: string, bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
};

/** Writes a ZIP file by file, with flat memory; the same files in the same order give the same bytes. */
export function createZip(path: string): ZipOut {
  const zip = new ZipWriter();
  const file = createWriteStream(path, { mode: 0o640 });
  const written = pipeline(zip.outputStream as Readable, file);
  let failed: unknown = null;
  written.catch((error: unknown) => {
    failed = error;
  });
  let added = 0;
  return {
    async add(name, bytes) {
      zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name, OPTIONS);
      added += bytes.byteLength;
      while (added - file.bytesWritten > MOST_WAITING_BYTES && failed === null) await breathe();
      if (failed !== null) throw failed;
    },
    async end() {
      zip.end();
      await written;
    },
  };
}

/**
 * Unpacks a ZIP below a folder. Names that lead elsewhere are refused by yauzl; a file that says to be longer than any of
 * a packet may be, is refused. Throws `malformed` for what is no whole ZIP.
 */
export async function unpackZip(path: string, folder: string): Promise<void> {
  try {
    const zip = await promisify<string, object, ZipFile>(open)(path, {
      lazyEntries: true,
      autoClose: true,
      validateEntrySizes: true,
      strictFileNames: true,
    });
    await new Promise<void>((resolve, reject) => {
      zip.on('error', reject);
      zip.on('end', resolve);
      zip.on('entry', (entry: ZipEntry) => {
        unpackEntry(zip, entry, folder).then(() => zip.readEntry(), reject);
      });
      zip.readEntry();
    });
  } catch (cause) {
    if (cause instanceof FailureError) throw cause;
    const message = `${path}: ${cause instanceof Error ? cause.message : 'no ZIP'}`;
    throw new FailureError('malformed', { where: 'packet' }, { cause, message });
  }
}

async function unpackEntry(zip: ZipFile, entry: ZipEntry, folder: string): Promise<void> {
  if (entry.fileName.endsWith('/')) return;
  if (entry.uncompressedSize > MAX_FILE_BYTES)
    throw new FailureError('too_large', { limit: MAX_FILE_BYTES });
  const target = join(folder, entry.fileName);
  mkdirSync(dirname(target), { recursive: true });
  const stream = await new Promise<Readable>((resolve, reject) =>
    zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  await pipeline(stream, createWriteStream(target, { mode: 0o600, flags: 'wx' }));
}
