import { sha256Hex } from '../../src/wire/canonical.ts';

/** Chance that is the same for the same seed, on any machine. */
export type Random = {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number of a range, both ends included. */
  between(low: number, high: number): number;
  pick<T>(list: readonly T[]): T;
  /** A UUID of version 4 (RFC 9562). */
  uuid(): string;
};

/** SFC32 (Practically Random, C. Doty-Humphrey), begun with the SHA-256 of the seed. */
export function seededRandom(seed: string): Random {
  const begin = Buffer.from(sha256Hex(seed), 'hex');
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => begin.readInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const next32 = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  const next = () => next32() / 2 ** 32;
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)] as (typeof list)[number],
    uuid() {
      const hex = Array.from({ length: 4 }, () => next32().toString(16).padStart(8, '0')).join('');
      const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
