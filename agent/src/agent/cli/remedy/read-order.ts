import type { Readable } from 'node:stream';
import { MAX_ORDER_BYTES } from '../../../wire/envelope.ts';

/** Milliseconds for the whole of it. The agent sends at once and ends its side; nobody is waited for. */
const PATIENCE = 3000;

/**
 * What came over the socket, until its other side was ended, the time was over, or one byte more came than an order may
 * have: that is cut there, and refused as too long.
 */
export function readOrder(input: Readable, patience = PATIENCE): Promise<Buffer> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let total = 0;
    const finish = () => {
      clearTimeout(timer);
      input.removeAllListeners('data').removeAllListeners('end').pause();
      resolve(Buffer.concat(parts).subarray(0, MAX_ORDER_BYTES + 1));
    };
    const timer = setTimeout(finish, patience);
    input.on('data', (part: Buffer) => {
      parts.push(part);
      total += part.length;
      if (total > MAX_ORDER_BYTES) finish();
    });
    input.once('end', finish);
    input.on('error', finish);
  });
}
