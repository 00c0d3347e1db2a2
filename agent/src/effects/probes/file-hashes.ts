import { constants, readSync } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { isSettled, type KnownDigest, keepsCtime } from '../../core/antivirus/digests.ts';
import { identify } from '../../core/file-identity.ts';
import { FailureError } from '../../wire/failure.ts';
import type { DigestCache } from './digest-cache.ts';

/** Bytes read at once: of smaller parts there are so many that V8 optimises Node’s reading, for 4 MiB. */
const PART = 1024 * 1024;
/** Parts after which others have their turn, and the time limit its say. */
const PARTS_A_TURN = 16;

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

/** One for all files: each part is read and hashed in one go. */
let buffer: Buffer | undefined;

/** Reads in step with the hashing: a reading by the pool of threads costs as much again as a quarter of the hash. */
async function sha256({ fd }: FileHandle, signal: AbortSignal): Promise<string> {
  const { createHash } = await import('node:crypto'); // seldom needed, where digests are kept
  const hash = createHash('sha256');
  buffer ??= Buffer.allocUnsafeSlow(PART);
  for (let part = 1; ; part += 1) {
    const length = readSync(fd, buffer, 0, PART, null);
    if (length === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, length));
    if (part % PARTS_A_TURN === 0) await turn();
    if (signal.aborted) throw new FailureError('timeout', { where: 'hash' });
  }
}

/** By its descriptor, since what has a path may have been replaced. */
async function magicOf({ fd }: FileHandle): Promise<number> {
  return (await statfs(`/proc/self/fd/${fd}`)).type;
}
