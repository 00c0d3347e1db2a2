import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir, readlink, stat } from 'node:fs/promises';
import type { FileStatus, Host } from '../../core/host.ts';
import { FailureError } from '../../wire/failure.ts';
import { failureAt } from './failure.ts';
import { resolveInRoot } from './resolve.ts';

const DEFAULT_LIMIT = 1024 * 1024;

/** The four ways of `Host` to look at files, below a root. */
export function rootedFiles(root: string): Pick<Host, 'read' | 'link' | 'list' | 'stat'> {
  const at = async <T>(path: string, follow: boolean, look: (place: string) => Promise<T>) => {
    try {
      return await look(resolveInRoot({ root, path, follow }));
    } catch (thrown) {
      throw failureAt(thrown, 'host.files', { path });
    }
  };
  return {
    read: (path, { limit = DEFAULT_LIMIT } = {}) =>
      at(path, true, (place) => readLimited(place, limit)),
    link: (path) => at(path, false, (place) => readlink(place)),
    list: (path) => at(path, true, async (place) => (await readdir(place)).sort()),
    stat: (path, { follow = true } = {}) =>
      at(path, follow, async (place) => status(await (follow ? stat : lstat)(place))),
  };
}

/** Buffers to read into, used again: one for each file would have V8 collect in every cycle. */
const pages: Buffer[] = [];
const PAGES_KEPT = 4;

/** Files below /proc and /sys have no size of their own, so the limit counts what was read. */
async function readLimited(place: string, limit: number): Promise<string> {
  // A pipe put in the place of a file must not hold the check: O_NONBLOCK, and only regular files are read.
  const file = await open(place, constants.O_RDONLY | constants.O_NONBLOCK);
  const page = pages.pop() ?? Buffer.allocUnsafe(65_536);
  try {
    await demandRegular(file);
    const parts: Buffer[] = [];
    let total = 0;
    for (;;) {
      const { bytesRead } = await file.read(page, 0, Math.min(limit + 1, page.length));
      if (bytesRead === 0) return Buffer.concat(parts).toString('utf8');
      total += bytesRead;
      if (total > limit) throw new FailureError('too_large', { limit });
      parts.push(Buffer.from(page.subarray(0, bytesRead)));
    }
  } finally {
    if (pages.length < PAGES_KEPT) pages.push(page);
    await file.close();
  }
}

async function demandRegular(file: { stat(): Promise<Stats> }): Promise<void> {
  if ((await file.stat()).isFile()) return;
  throw new FailureError('malformed', { reason: 'not a regular file' });
}

function status(found: Stats): FileStatus {
  return {
    kind: kind(found),
    size: found.size,
    mtimeMs: found.mtimeMs,
    ctimeMs: found.ctimeMs,
    inode: found.ino,
    device: found.dev,
    rdev: deviceNumber(found.rdev),
    mode: found.mode & 0o7777,
    uid: found.uid,
  };
}

function kind(found: Stats): FileStatus['kind'] {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'folder';
  if (found.isSymbolicLink()) return 'link';
  if (found.isBlockDevice()) return 'block';
  return found.isCharacterDevice() ? 'character' : 'other';
}

/** `major:minor` of Linux’s device number: 12 bits of major between 8 low and 12 high bits of minor (makedev(3)). */
function deviceNumber(rdev: number): string {
  const major = (rdev >>> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}
