import { closeSync, fsync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Writes a new file and waits until its contents are on the disk; a file that could not be written whole is removed. */
export function writeDurably(path: string, contents: Uint8Array | string, mode = 0o640): void {
  const bytes = typeof contents === 'string' ? Buffer.from(contents) : contents;
  const descriptor = openSync(path, 'wx', mode);
  try {
    for (let written = 0; written < bytes.length; )
      written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Puts a whole file in place of another: after a power cut either the old or the new one is there. */
export function replaceDurably(path: string, contents: Uint8Array | string, mode = 0o640): void {
  const fresh = join(dirname(path), `.${process.pid}.new`);
  rmSync(fresh, { force: true });
  try {
    writeDurably(fresh, contents, mode);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** Waits until a folder’s entries are on the disk (fsync(2): a file’s own fsync does not do that). */
export const syncFolder = (path: string): void => syncFile(path);

/** Waits until a file’s contents are on the disk. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** As `syncFile` of each, and all at once: the file system then commits its journal for many of them together. */
export async function syncTogether(paths: readonly string[]): Promise<void> {
  const open: number[] = [];
  try {
    for (const path of paths) open.push(openSync(path, 'r'));
    const synced = await Promise.allSettled(open.map((descriptor) => promisify(fsync)(descriptor)));
    for (const one of synced) if (one.status === 'rejected') throw one.reason;
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
}
