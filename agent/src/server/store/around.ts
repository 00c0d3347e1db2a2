import { type ChainRow, toHead } from './rows.ts';
import type { Arrived, Head, HostKey, Surroundings } from './store.ts';

/** A bundle that is kept at the place of one that has just arrived, or right before or after it. */
export type NearRow = {
  sequence: number;
  sha256: string;
  previous_digest: string;
  fork: number | boolean;
};

/** What placing a bundle asks of its chain. */
export type KnownChain = Pick<ChainRow, 'opened_at' | 'head_sequence' | 'head_sha256' | 'highest'>;

/** What is stored around the place of a bundle, of the rows of its chain from one place before to one after. */
export function surroundings(
  { sequence, previousDigest }: Arrived,
  found: { near: readonly NearRow[]; chain: KnownChain | undefined; keys: readonly HostKey[] },
): Surroundings {
  const { near, chain, keys } = found;
  const at = (number: number) => near.find((row) => !row.fork && row.sequence === number);
  return {
    keys,
    chainOpenedAt: chain?.opened_at ?? null,
    head: toHead(chain),
    same: at(sequence)?.sha256 ?? null,
    previous: at(sequence - 1)?.sha256 ?? null,
    nextExpects: at(sequence + 1)?.previous_digest ?? null,
    followsFork: near.some(
      (row) => row.fork && row.sequence === sequence - 1 && row.sha256 === previousDigest,
    ),
  };
}

/**
 * How a chain stands once a bundle is kept: its head and its highest number. `walks`: the bundle filled a gap, so that
 * the head is further on, at the end of the numbers that now follow it.
 */
export function standing(
  { sequence, sha256 }: Arrived,
  { head, nextExpects }: Surroundings,
  { fork, highest }: { fork: boolean /** Before. */; highest: number },
): { readonly head: Head; readonly highest: number; readonly walks: boolean } {
  if (fork) return { head, highest, walks: false };
  const joins = sequence === head.sequence + 1;
  return {
    head: joins ? { sequence, sha256 } : head,
    highest: Math.max(highest, sequence),
    walks: joins && nextExpects !== null,
  };
}
