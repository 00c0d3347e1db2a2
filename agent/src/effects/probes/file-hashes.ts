import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { FailureError } from '../../wire/failure.ts';

/**
 * SHA-256 of files, each hashed once for as long as its inode, size and times stay as they are: a dozen processes of
 * one program cost one reading. Kept for one run only. Throws the file system’s own errors.
 */
export class FileHashes {
  readonly #known = new Map<string, Promise<string>>();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** The file is opened once, so what is hashed is what was identified, also through /proc/PID/exe. */
  async of(path: string): Promise<string> {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      if (!status.isFile()) throw new FailureError('malformed', { reason: 'not a regular file' });
      const key = identity(status);
      const known = this.#known.get(key) ?? this.#hash(file);
      this.#known.set(key, known);
      return await known;
    } finally {
      await file.close();
    }
  }

  async #hash(file: Awaited<ReturnType<typeof open>>): Promise<string> {
    const hash = createHash('sha256');
    const stream = file.createReadStream({
      autoClose: false,
      start: 0,
      highWaterMark: 1024 * 1024,
      signal: this.#signal,
    });
    for await (const part of stream) hash.update(part);
    return hash.digest('hex');
  }
}

function identity({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
}
