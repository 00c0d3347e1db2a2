import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { lstat, open, readdir, readlink, stat } from 'node:fs/promises';
import type { FileStatus, Host } from '../../core/host.ts';
import { FailureError } from '../../wire/failure.ts';
import { failureAt } from './failure.ts';
import { resolveInRoot } from './resolve.ts';

const DEFAULT_LIMIT = 1024 * 1024;
/** A pipe put in the place of a file must not hold the check; only regular files are read. */
const TO_READ = constants.O_RDONLY | constants.O_NONBLOCK;

type Now<T> = T | Promise<T>;
type OpenFile = {
  stat(): Now<Stats>;
  read(page: Buffer, offset: number, length: number): Now<{ bytesRead: number }>;
  close(): Now<void>;
};
type FileCalls = {
  open(place: string): Now<OpenFile>;
  link(place: string): Now<string>;
  list(place: string): Now<string[]>;
  stat(place: string, follow: boolean): Now<Stats>;
};

/**
 * The kernel’s memory, the store, without which our own program would not run, and our own state, where evidence waits
 * for the disk: nobody is held up there who would not be anyway.
 */
const AT_HAND = /^\/(proc|sys|run|dev|nix|var\/lib\/compliance-agent[a-z-]*)\//;
/** A thread that waits costs ten times the call itself. */
const atOnce: FileCalls = {
  open(place) {
    const fd = openSync(place, TO_READ);
    return {
      stat: () => fstatSync(fd),
      read: (page, offset, length) => ({ bytesRead: readSync(fd, page, offset, length, null) }),
      close: () => closeSync(fd),
    };
  },
  link: (place) => readlinkSync(place),
  list: (place) => readdirSync(place),
  stat: (place, follow) => (follow ? statSync : lstatSync)(place),
};
/** Any other place may lie on a disk or network that does not answer: a thread waits for it, the daemon does not. */
const byThread: FileCalls = {
  open: (place) => open(place, TO_READ),
  link: (place) => readlink(place),
  list: (place) => readdir(place),
  stat: (place, follow) => (follow ? stat : lstat)(place),
};

/** The four ways of `Host` to look at files, below a root. */
export function rootedFiles(root: string): Pick<Host, 'read' | 'link' | 'list' | 'stat'> {
  const at = async <T>(
    path: string,
    follow: boolean,
    look: (calls: FileCalls, place: string) => Now<T>,
  ) => {
    try {
      const calls = AT_HAND.test(path) ? atOnce : byThread;
      return await look(calls, resolveInRoot({ root, path, follow }));
    } catch (thrown) {
      throw failureAt(thrown, 'host.files', { path });
    }
  };
  return {
    read: (path, { limit = DEFAULT_LIMIT } = {}) =>
      at(path, true, async (calls, place) => readLimited(await calls.open(place), limit)),
    link: (path) => at(path, false, (calls, place) => calls.link(place)),
    list: (path) => at(path, true, async (calls, place) => (await calls.list(place)).sort()),
    stat: (path, { follow = true } = {}) =>
      at(path, follow, async (calls, place) => status(await calls.stat(place, follow))),
  };
}

/** Buffers to read into, used again: one for each file would have V8 collect in every cycle. */
const pages: Buffer[] = [];
const PAGES_KEPT = 4;

/** Files below /proc and /sys have no size of their own, so the limit counts what was read. */
async function readLimited(file: OpenFile, limit: number): Promise<string> {
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

async function demandRegular(file: OpenFile): Promise<void> {
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
