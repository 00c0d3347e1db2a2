import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import {
  type KnownDigest,
  type KnownDigests,
  type Moment,
  readDigests,
  stillHolds,
  writtenDigests,
} from '../../core/antivirus/digests.ts';
import { replaceDurably } from '../durable.ts';
import { readBootId } from '../moment.ts';

const FILE = 'digests.json';
/** Others who may write a file that its owner keeps. */
const WRITABLE_BY_OTHERS = 0o022;

/** Digests that outlive a run, by file. They save work and nothing else: without them every file is hashed. */
export type DigestCache = {
  moment(): Moment;
  /** What is still to be trusted of a file’s last digest. */
  find(identity: string): KnownDigest | undefined;
  keep(identity: string, digest: KnownDigest): void;
  /** Writes what this run found or made, if it is not what was there; what it did not ask for is forgotten. */
  save(): void;
};

/**
 * Opens the digests that runs before left in a folder of this user’s own (`CacheDirectory=` of the probe’s unit); undefined
 * keeps none. Never throws: what cannot be read or written is said on standard error, which is the journal.
 */
export function openDigestCache({
  folder,
  rehashHours,
  moment = now,
}: {
  folder: string | undefined;
  rehashHours: number;
  moment?: () => Moment;
}): DigestCache {
  const bootId = attempt(readBootId);
  if (folder === undefined || bootId === undefined || rehashHours === 0)
    return { moment, find: () => undefined, keep: () => {}, save: () => {} };
  const path = join(folder, FILE);
  const before: KnownDigests = attempt(() => readDigests(readOwn(path), bootId)) ?? new Map();
  const used = new Map<string, KnownDigest>();
  let made = false;
  return {
    moment,
    find(identity) {
      const digest = before.get(identity);
      if (digest === undefined || !stillHolds(digest, moment(), rehashHours)) return undefined;
      used.set(identity, digest);
      return digest;
    },
    keep(identity, digest) {
      used.set(identity, digest);
      made = true;
    },
    save() {
      if (made) attempt(() => replaceDurably(path, writtenDigests(used, bootId), 0o600));
    },
  };
}

const now = (): Moment => ({ now: new Date(), uptime: Math.floor(uptime()) });

/** Empty where there is none, or where another user could have written it. */
function readOwn(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const { uid, mode } = fstatSync(descriptor);
    const own = uid === process.geteuid?.() && (mode & WRITABLE_BY_OTHERS) === 0;
    return own ? readFileSync(descriptor) : Buffer.alloc(0);
  } finally {
    closeSync(descriptor);
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'ENOENT') console.error(`digests are not kept: ${error.message}`);
    return undefined;
  }
}
