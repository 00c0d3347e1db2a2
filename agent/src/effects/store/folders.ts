import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { FailureError, toFailure } from '../../wire/failure.ts';

const MAX_RECEIPT_BYTES = 64 * 1024;

/** Where everything of a state folder lies. */
export const layout = (stateDir: string) =>
  ({
    stateDir,
    evidence: join(stateDir, 'evidence'),
    /** Bundles that are being written; emptied at each start. */
    incoming: join(stateDir, 'incoming'),
    /** Bundles that were found and do not belong into the chain. */
    setApart: join(stateDir, 'set-apart'),
    database: join(stateDir, 'evidence.db'),
  }) as const;
export type Layout = ReturnType<typeof layout>;

/** Mode of folders and files: the agent’s user writes, its group may read. */
export const FOLDER_MODE = 0o750;
export const FILE_MODE = 0o640;

/** `YYYY/MM/DD` of the end of what a bundle records, in UTC. */
export function dayOf(endedAt: number): string {
  return new Date(endedAt).toISOString().slice(0, 10).replaceAll('-', '/');
}

/** As `dayOf`, of a time as a bundle has it. */
export const dayIn = (timestamp: string): string => timestamp.slice(0, 10).replaceAll('-', '/');

export function bundleFolder(
  evidence: string,
  { endedAt, bundleId }: { endedAt: number; bundleId: string },
): string {
  return join(evidence, dayOf(endedAt), bundleId);
}

/** Every `YYYY/MM/DD` below an evidence folder, in order. */
export function* listDays(evidence: string): Generator<string> {
  for (const year of names(evidence, /^\d{4}$/))
    for (const month of names(join(evidence, year), /^\d\d$/))
      for (const day of names(join(evidence, year, month), /^\d\d$/))
        yield `${year}/${month}/${day}`;
}

/** Names in a folder that fit a pattern, sorted; none where there is no folder. */
export const names = (folder: string, pattern: RegExp): string[] =>
  namesUnsorted(folder, pattern).sort();

/** As `names`, as they come: fit for very many. */
export function namesUnsorted(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder).filter((name) => pattern.test(name));
  } catch (error) {
    if (toFailure(error, 'store').code === 'absent') return [];
    throw error;
  }
}

/** A folder’s time of change in nanoseconds, as text; `0` where there is none. */
export function changeOf(folder: string): string {
  return String(statSync(folder, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 0);
}

/** The two files of a bundle as they lie on the disk. Throws `absent` and the like. */
export function readBundleFiles(
  folder: string,
  limit: number,
): { bytes: Buffer; signature: string } {
  return {
    bytes: readLimited(join(folder, 'bundle.json'), limit),
    signature: readLimited(join(folder, 'bundle.sig'), 1024).toString('latin1'),
  };
}

const shortBundle = Buffer.allocUnsafe(64 * 1024);
const shortSignature = Buffer.allocUnsafe(256);

/**
 * As `readBundleFiles`, for who goes through many of them: its bytes hold until the next call. Null where one of the
 * files is longer than they mostly are.
 */
export function readShortFiles(folder: string): { bytes: Buffer; signature: string } | null {
  const length = readInto(shortBundle, `${folder}/bundle.json`);
  const signed = readInto(shortSignature, `${folder}/bundle.sig`);
  if (length === shortBundle.length || signed === shortSignature.length) return null;
  const signature = shortSignature.toString('latin1', 0, signed);
  return { bytes: shortBundle.subarray(0, length), signature };
}

function readInto(buffer: Buffer, path: string): number {
  const descriptor = openSync(path, 'r');
  try {
    return readSync(descriptor, buffer, 0, buffer.length, null);
  } finally {
    closeSync(descriptor);
  }
}

/** Files are read into this first: most are short, and a size asked for beforehand costs as much as the reading. */
const page = Buffer.allocUnsafe(64 * 1024);

/** A file’s bytes; one that is longer than `limit` is not read. */
export function readLimited(path: string, limit: number): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const length = readSync(descriptor, page, 0, page.length, null);
    if (length < page.length && length <= limit) return Buffer.from(page.subarray(0, length));
    const { size } = fstatSync(descriptor);
    if (size > limit) throw new FailureError('too_large', { limit });
    return readFileSync(path);
  } finally {
    closeSync(descriptor);
  }
}

/** The two files of a receipt; null where there are not both. */
export function readReceipt(folder: string): { bytes: Buffer; signature: string } | null {
  try {
    const bytes = readLimited(join(folder, 'receipt.json'), MAX_RECEIPT_BYTES);
    const signature = readLimited(join(folder, 'receipt.sig'), 1024).toString('latin1');
    return { bytes, signature };
  } catch (error) {
    if (toFailure(error, 'store').code === 'absent') return null;
    throw error;
  }
}
