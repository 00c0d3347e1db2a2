import { fstatSync, writeSync } from 'node:fs';
import { endQuietly } from './broken-pipe.ts';

const STDOUT = 1;
/** Major 1, minor 3 (null(4)): a character device that is no terminal. */
const NULL_DEVICE = 0x103;

/** Whether standard output may be a terminal, by a question that loads nothing. */
export function mayBeTerminal(): boolean {
  const { rdev, mode } = fstatSync(STDOUT);
  return (mode & 0o170000) === 0o020000 && rdev !== NULL_DEVICE;
}

/**
 * Writes a text to standard output without Node’s stream for it, which costs a start 3 ms of CPU. False where a part is
 * left to that stream: a pipe that is full, a reader that has gone, a disk without space.
 */
export function print(text: string): boolean {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
    return true;
  } catch {
    process.stdout.on('error', endQuietly);
    process.stdout.write(rest);
    return false;
  }
}
