import type { ChainEntry } from '../../core/chain.ts';
import type { BundleRow } from '../store/rows.ts';

/** A verified bundle: its index row, its name for people, and what it changes in the chain. */
export type Seen = Pick<ChainEntry, 'name' | 'event'> & {
  readonly row: Omit<BundleRow, 'position'>;
};

/** Some bundles of one chain, found together: from which number to which, and when the earliest ended. */
export type Run = {
  readonly chain_id: string;
  readonly first: number;
  readonly last: number;
  readonly began: number;
  readonly bundles: number;
  /** They, in any order; as text for a file or another thread. */
  readonly content: readonly Seen[] | string;
};

/** Bundles as one run a chain. */
export function runsOf(seen: readonly Seen[]): Run[] {
  const chains = new Map<string, Seen[]>();
  for (const one of seen) {
    const { chain_id } = one.row;
    const own = chains.get(chain_id);
    if (own) own.push(one);
    else chains.set(chain_id, [one]);
  }
  return [...chains].map(([chain_id, content]) => {
    let [first, last, began] = [Infinity, 0, Infinity];
    for (const { row } of content) {
      first = Math.min(first, row.sequence);
      last = Math.max(last, row.sequence);
      began = Math.min(began, row.ended_at);
    }
    return { chain_id, first, last, began, bundles: content.length, content };
  });
}

/** A line a bundle, its number first. */
export function textOf(content: Run['content']): string {
  if (typeof content === 'string') return content;
  return content.map((seen) => JSON.stringify(pack(seen))).join('\n');
}

/** A bundle, or its line: to be put in order it need not be taken apart. */
export type Item = Seen | string;

export const itemsIn = (content: Run['content']): readonly Item[] =>
  typeof content === 'string' ? content.split('\n') : content;

export const seenOf = (item: Item): Seen =>
  typeof item === 'string' ? unpack(JSON.parse(item)) : item;

export const sequenceOf = (item: Item): number =>
  typeof item === 'string' ? Number.parseInt(item.slice(1, 20), 10) : item.row.sequence;

/** Without the names of its fields, which would be most of the text. */
const pack = ({ name, event, row }: Seen) =>
  [
    row.sequence,
    name,
    event,
    row.bundle_id,
    row.sha256,
    row.chain_id,
    row.previous_digest,
    row.key_id,
    row.check_id,
    row.outcome,
    row.order_id,
    row.started_at,
    row.ended_at,
    row.size,
    row.receipted,
  ] as const;

/** By index, since taking a list apart goes through an iterator, ten times the cost. */
const unpack = (packed: ReturnType<typeof pack>): Seen => ({
  name: packed[1],
  event: packed[2],
  row: {
    bundle_id: packed[3],
    sha256: packed[4],
    chain_id: packed[5],
    sequence: packed[0],
    previous_digest: packed[6],
    key_id: packed[7],
    check_id: packed[8],
    outcome: packed[9],
    order_id: packed[10],
    started_at: packed[11],
    ended_at: packed[12],
    size: packed[13],
    receipted: packed[14],
  },
});

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
