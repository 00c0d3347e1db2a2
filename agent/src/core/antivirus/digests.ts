import { FailureError } from '../../wire/failure.ts';
import type { Unseen } from '../check.ts';
import type { FileIdentity } from '../file-identity.ts';
import { decodeJson } from '../json.ts';
import { Reading } from '../reading.ts';
import { isUnseen } from '../unseen.ts';

/** Hours after which a file is hashed anew although nothing tells of a change; 0 is each time. */
export const REHASH_HOURS = { least: 0, most: 744, default: 24 };

const HOUR_MS = 3_600_000;

/** A time by two clocks: the one that people set, and whole seconds since the start of the machine (clock_gettime(2)). */
export type Moment = { readonly now: Date; readonly uptime: number };

/** A digest and when its file was last read whole. */
export type KnownDigest = { readonly sha256: string; readonly hashed: Moment };

/** A digest as evidence has it, or why there is none. */
export function digestFacts(seen: KnownDigest | Unseen): {
  sha256: string | Unseen;
  hashed_at?: string;
} {
  if (isUnseen(seen)) return { sha256: seen };
  return { sha256: seen.sha256, hashed_at: seen.hashed.now.toISOString() };
}

/**
 * Whether a digest may stand for its unchanged file: until the schedule, by either clock, and never where it was made in
 * what is now the future.
 */
export function stillHolds(
  { hashed }: KnownDigest,
  { now, uptime }: Moment,
  rehashHours: number,
): boolean {
  const ages = [now.getTime() - hashed.now.getTime(), (uptime - hashed.uptime) * 1000];
  return ages.every((age) => age >= 0 && age < rehashHours * HOUR_MS);
}

/** The kernel’s clock of files goes in ticks of up to 10 ms, those of a few file systems in seconds. */
const TICK_MS = 2000;

/**
 * Whether a file had been at rest when its reading began: what changed in the same tick would change again unseen (git
 * calls such a file racily clean, gitformat-index(5)).
 */
export function isSettled({ ctimeNs }: Pick<FileIdentity, 'ctimeNs'>, begun: Date): boolean {
  return Number(ctimeNs / 1_000_000n) < begun.getTime() - TICK_MS;
}

/**
 * File systems that set a file’s ctime also where it is written through memory (mmap(2)), by their magic (statfs(2)), and
 * two that are only read. tmpfs does not, nor whatever may lie on it, as overlays; of network and user file systems the
 * other side says what it likes.
 */
const KEEPS_CTIME = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0xf2f52010, 'f2fs'],
  [0x73717368, 'squashfs'],
  [0xe0f5e1e2, 'erofs'],
]);

export const keepsCtime = (magic: number): boolean => KEEPS_CTIME.has(magic);

/** By identity. A start of the machine ends them: what happened to the disk meanwhile no ctime tells. */
export type KnownDigests = ReadonlyMap<string, KnownDigest>;

/** What a run before kept; empty where it is of another start of the machine, or of no such form. */
export function readDigests(bytes: Uint8Array, bootId: string): KnownDigests {
  try {
    const written = new Reading(decodeJson(bytes), 'digests');
    if (written.field('boot_id').text() !== bootId) return new Map();
    return new Map(written.field('files').entries(readDigest));
  } catch (error) {
    if (error instanceof FailureError) return new Map();
    throw error;
  }
}

/** What is no time has no age, so it does not hold. */
function readDigest(entry: Reading): KnownDigest {
  const now = new Date(entry.field('hashed_at').text());
  const uptime = entry.field('uptime_sec').integer(0, Number.MAX_SAFE_INTEGER);
  return { sha256: entry.field('sha256').text(/^[0-9a-f]{64}$/), hashed: { now, uptime } };
}

export function writtenDigests(known: KnownDigests, bootId: string): string {
  const files = [...known].map(([identity, { sha256, hashed }]) => [
    identity,
    { sha256, hashed_at: hashed.now.toISOString(), uptime_sec: hashed.uptime },
  ]);
  return `${JSON.stringify({ boot_id: bootId, files: Object.fromEntries(files) })}\n`;
}
