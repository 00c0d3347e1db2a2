import { constants } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { isSettled, type KnownDigest, keepsCtime } from '../../core/antivirus/digests.ts';
import { identify } from '../../core/file-identity.ts';
import { FailureError } from '../../wire/failure.ts';
import type { DigestCache } from './digest-cache.ts';

/** Bytes read at once: of smaller parts there are so many that V8 optimises Node’s reading, for 4 MiB. */
const PART = 1024 * 1024;

type Options = {
  readonly signal: AbortSignal;
  readonly cache: DigestCache;
  /** Lower-case hex SHA-256 of an open file; read whole. */
  readonly hash?: (file: FileHandle, signal: AbortSignal) => Promise<string>;
  /** Magic of the file system that holds an open file (statfs(2)). */
  readonly fileSystem?: (file: FileHandle) => Promise<number>;
};

/**
 * SHA-256 of files, each hashed once for as long as its inode, size and times stay as they are: a dozen processes of
 * one program cost one reading in a run, and none in the runs after it until the schedule asks for it (`DigestCache`).
 * Throws the file system’s own errors.
 */
export class FileHashes {
  readonly #known = new Map<string, Promise<KnownDigest>>();
  readonly #options: Required<Options>;

  constructor({ hash = sha256, fileSystem = magicOf, ...options }: Options) {
    this.#options = { hash, fileSystem, ...options };
  }

  /** The file is opened once, so what is hashed is what was identified, also through /proc/PID/exe. */
  async of(path: string): Promise<KnownDigest> {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat({ bigint: true });
      if (!status.isFile()) throw new FailureError('malformed', { reason: 'not a regular file' });
      const identity = identify(status);
      const known = this.#known.get(identity) ?? this.#digest(file, identity);
      this.#known.set(identity, known);
      return await known;
    } finally {
      await file.close();
    }
  }

  async #digest(file: FileHandle, identity: string): Promise<KnownDigest> {
    const { cache, hash, fileSystem, signal } = this.#options;
    const trusted = cache.find(identity);
    if (trusted !== undefined) return trusted;
    const hashed = cache.moment();
    const digest = { sha256: await hash(file, signal), hashed };
    const after = await file.stat({ bigint: true });
    const rested = identify(after) === identity && isSettled(after, hashed.now);
    if (rested && keepsCtime(await fileSystem(file))) cache.keep(identity, digest);
    return digest;
  }
}

/** One file after another: they would share this thread, and each have parts of its own in memory. */
let before: Promise<unknown> = Promise.resolve();
let parts: [Buffer, Buffer] | undefined;

function sha256(file: FileHandle, signal: AbortSignal): Promise<string> {
  const digest = before.then(() => hashParts(file, signal));
  before = digest.catch(() => {});
  return digest;
}

/** A thread reads a part ahead while the one before is hashed: a sixth less time for a twentieth more CPU. */
async function hashParts(file: FileHandle, signal: AbortSignal): Promise<string> {
  const { createHash } = await import('node:crypto'); // seldom needed, where digests are kept
  const hash = createHash('sha256');
  parts ??= [Buffer.allocUnsafeSlow(PART), Buffer.allocUnsafeSlow(PART)];
  let [part, next] = parts;
  let { bytesRead } = await file.read(part, 0, PART, null);
  while (bytesRead > 0) {
    const ahead = file.read(next, 0, PART, null);
    hash.update(part.subarray(0, bytesRead));
    ({ bytesRead } = await ahead); // also before it gives up: the parts are the next file’s then
    if (signal.aborted) throw new FailureError('timeout', { where: 'hash' });
    [part, next] = [next, part];
  }
  return hash.digest('hex');
}

/** By its descriptor, since what has a path may have been replaced. */
async function magicOf({ fd }: FileHandle): Promise<number> {
  return (await statfs(`/proc/self/fd/${fd}`)).type;
}
