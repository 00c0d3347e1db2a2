import type { ChainEntry } from '../../core/chain.ts';
import type { BundleRow } from '../store/rows.ts';

/** A verified bundle: its index row, its name for people, and what it changes in the chain. */
export type Seen = Pick<ChainEntry, 'name' | 'event'> & {
  readonly row: Omit<BundleRow, 'position'>;
};

/** Some bundles of one chain, found together: from which number to which, when the earliest ended, and they as JSON. */
export type Run = {
  readonly chain_id: string;
  readonly first: number;
  readonly last: number;
  readonly began: number;
  readonly bundles: number;
  readonly text: string;
};

/** Bundles in any order as one run a chain. */
export function packRuns(seen: readonly Seen[]): Run[] {
  const chains = new Map<string, Seen[]>();
  for (const one of seen) {
    const { chain_id } = one.row;
    const own = chains.get(chain_id);
    if (own) own.push(one);
    else chains.set(chain_id, [one]);
  }
  return [...chains].map(([chain_id, own]) => {
    let [first, last, began] = [Infinity, 0, Infinity];
    for (const { row } of own) {
      first = Math.min(first, row.sequence);
      last = Math.max(last, row.sequence);
      began = Math.min(began, row.ended_at);
    }
    return { chain_id, first, last, began, bundles: own.length, text: JSON.stringify(own) };
  });
}

export const unpackRun = ({ text }: Pick<Run, 'text'>): Seen[] => JSON.parse(text);

/** The order of a chain’s walk: by number, and of one number by digest. */
export function inOrder(a: Seen, b: Seen): number {
  if (a.row.sequence !== b.row.sequence) return a.row.sequence - b.row.sequence;
  if (a.row.sha256 !== b.row.sha256) return a.row.sha256 < b.row.sha256 ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

/** A seen bundle as its entry in the chain. */
export function chainEntryOf({ name, event, row }: Seen): ChainEntry {
  const { chain_id, sequence, previous_digest, key_id, sha256: digest } = row;
  return { name, event, chain_id, sequence, previous_digest, key_id, digest };
}
