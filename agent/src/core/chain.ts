import type { Bundle } from '../wire/evidence.ts';
import {
  ChainChange,
  KeyChange,
  type NamedKey,
  type PrunedRange,
  Retention,
} from '../wire/lineage.ts';
import { NO_DIGEST } from '../wire/primitives.ts';
import { acceptablePublicKey } from './ed25519-form.ts';
import { type Gap, isPruned } from './gaps.ts';

/** What of a bundle changes how the chain goes on. */
export type ChainEvent =
  | ({ readonly kind: 'key' } & KeyChange)
  | ({ readonly kind: 'chain' } & ChainChange)
  | ({ readonly kind: 'retention' } & Retention);

/** A bundle whose signature holds, reduced to its place in the chain. `name` is what people find it by. */
export type ChainEntry = Pick<Bundle, 'chain_id' | 'sequence' | 'previous_digest' | 'key_id'> & {
  readonly name: string;
  readonly digest: string;
  readonly event: ChainEvent | null;
};

export type ChainFault = {
  readonly kind: 'gap' | 'fork' | 'duplicate' | 'link' | 'key' | 'chain';
  readonly chain_id: string;
  /** Where it is; the first of a gap. */
  readonly sequence: number;
  /** The bundle that shows it; null for a gap at the end of a chain. */
  readonly name: string | null;
  readonly message: string;
};

/** What is there of one chain. */
export type ChainExtent = {
  readonly chain_id: string;
  readonly first: number;
  readonly last: number;
  readonly bundles: number;
  readonly head: string;
};

export type ChainReport = {
  readonly faults: readonly ChainFault[];
  readonly chains: readonly ChainExtent[];
  /** Missing runs that a signed retention bundle accounts for. */
  readonly pruned: readonly Gap[];
};

/** Null of what changes nothing, and of a key bundle that names a key which nobody may use: what that signs fits none. */
export function chainEvent({ check, pre_state, post_state }: Bundle): ChainEvent | null {
  const states = { pre_state, post_state };
  if (check === 'key') {
    const change = event('key', KeyChange.safeParse(states));
    return change && [change.pre_state, change.post_state].every(isUsable) ? change : null;
  }
  if (check === 'chain') return event('chain', ChainChange.safeParse(states));
  if (check === 'retention') return event('retention', Retention.safeParse(states));
  return null;
}

const isUsable = ({ public_key }: NamedKey): boolean =>
  acceptablePublicKey(Buffer.from(public_key, 'base64'));

function event<K extends string, T extends object>(
  kind: K,
  parsed: { success: true; data: T } | { success: false },
): ({ kind: K } & T) | null {
  return parsed.success ? { kind, ...parsed.data } : null;
}

/** The key that must sign what follows a bundle. */
export function nextKeyId({ key_id, event }: Pick<ChainEntry, 'key_id' | 'event'>): string {
  return event?.kind === 'key' ? event.post_state.key_id : key_id;
}

type Chain = {
  readonly chain_id: string;
  readonly first: ChainEntry;
  last: number;
  bundles: number;
  head: string;
  /** Digests at `last` (more than one after a fork), each with the key that must follow. */
  tips: Map<string, string>;
};

/**
 * Verifies chains from a stream of entries: each chain’s together, by rising sequence. Memory does not grow with the
 * number of bundles, only with that of chains and gaps. Call `add` for each and `end` once.
 */
export function createChainVerifier(): { add(entry: ChainEntry): void; end(): ChainReport } {
  const faults: ChainFault[] = [];
  const gaps: (Gap & { readonly name: string | null })[] = [];
  const pruned = new Map<string, PrunedRange>();
  const chains: Chain[] = [];

  const fault = (kind: ChainFault['kind'], entry: ChainEntry, message: string): void => {
    const { chain_id, sequence, name } = entry;
    faults.push({ kind, chain_id, sequence, name, message });
  };

  const begin = (entry: ChainEntry): Chain => {
    const { chain_id, key_id } = entry;
    const tips = new Map([[NO_DIGEST, key_id]]);
    const chain = { chain_id, first: entry, last: 0, bundles: 0, head: NO_DIGEST, tips };
    chains.push(chain);
    return chain;
  };

  const follow = (chain: Chain, entry: ChainEntry): void => {
    const { chain_id, sequence, previous_digest, name } = entry;
    if (sequence > chain.last + 1) {
      const preceding = [...chain.tips.keys()];
      const [first, last] = [chain.last + 1, sequence - 1];
      gaps.push({ chain_id, first, last, preceding, lastDigest: previous_digest, name });
    } else if (!chain.tips.has(previous_digest)) {
      fault('link', entry, `number ${sequence} does not follow the bundle before it`);
    }
    const keys = chain.tips.get(previous_digest);
    const expected = keys === undefined ? [...chain.tips.values()] : [keys];
    if (!expected.includes(entry.key_id))
      fault('key', entry, `number ${sequence} is signed by a key that was not in force`);
    chain.tips = new Map([[entry.digest, nextKeyId(entry)]]);
  };

  return {
    add(entry) {
      const open = chains.at(-1);
      const chain = open?.chain_id === entry.chain_id ? open : begin(entry);
      if (entry.sequence > chain.last) follow(chain, entry);
      else if (chain.tips.has(entry.digest)) {
        fault('duplicate', entry, `number ${entry.sequence} is there twice`);
      } else {
        fault('fork', entry, `two different bundles have number ${entry.sequence}`);
        chain.tips.set(entry.digest, nextKeyId(entry));
      }
      chain.last = entry.sequence;
      chain.head = entry.digest;
      chain.bundles += 1;
      if (entry.event?.kind === 'retention')
        for (const range of entry.event.post_state.pruned)
          pruned.set(`${range.chain_id} ${range.first_sequence} ${range.last_sequence}`, range);
    },
    end() {
      gaps.push(...endsThatAreMissing(chains));
      const ranges = [...pruned.values()];
      const unexplained = gaps.filter((gap) => !isPruned(gap, ranges));
      return {
        faults: [...faults, ...unexplained.map(describeGap), ...unexplainedChains(chains)],
        chains: chains.map(({ chain_id, first, last, bundles, head }) => ({
          chain_id,
          first: first.sequence,
          last,
          bundles,
          head,
        })),
        pruned: gaps.filter((gap) => !unexplained.includes(gap)),
      };
    },
  };
}

/** A chain that names its predecessor’s end says how far the predecessor must reach. */
function endsThatAreMissing(chains: readonly Chain[]): (Gap & { name: string | null })[] {
  return chains.flatMap(({ first: { event } }) => {
    if (event?.kind !== 'chain') return [];
    const { chain_id, sequence, digest } = event.pre_state;
    const old = chains.find((chain) => chain.chain_id === chain_id);
    const first = (old?.last ?? 0) + 1;
    if (first > sequence) return [];
    const preceding = [...(old?.tips.keys() ?? [NO_DIGEST])];
    return [{ chain_id, first, last: sequence, preceding, lastDigest: digest, name: null }];
  });
}

function describeGap({ chain_id, first, last, name }: Gap & { name: string | null }): ChainFault {
  const what = first === last ? `number ${first} is` : `numbers ${first} to ${last} are`;
  return { kind: 'gap', chain_id, sequence: first, name, message: `${what} missing` };
}

/** One chain may begin by itself; every other says which one it follows, and from where. */
function unexplainedChains(chains: readonly Chain[]): ChainFault[] {
  return chains.flatMap(({ chain_id, first }, at): ChainFault[] => {
    const say = (message: string): ChainFault[] => [
      { kind: 'chain', chain_id, sequence: first.sequence, name: first.name, message },
    ];
    if (first.event?.kind === 'chain') {
      const { pre_state } = first.event;
      const old = chains.find((chain) => chain.chain_id === pre_state.chain_id);
      if (old?.last !== pre_state.sequence || old.tips.has(pre_state.digest)) return [];
      return say('the chain that it follows ends otherwise than it says');
    }
    const begun = chains.slice(0, at).some((chain) => chain.first.event?.kind !== 'chain');
    return begun ? say('a second chain begins and does not say which one it follows') : [];
  });
}
