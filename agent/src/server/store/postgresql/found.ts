import type { TransactionSql } from 'postgres';
import { type KnownChain, type NearRow, standing, surroundings } from '../around.ts';
import { type KeyRow, toHead, toKey } from '../rows.ts';
import type { Arrived, Head, HostKey, Place, Placed, Surroundings } from '../store.ts';

export type Keeping = {
  readonly arrived: Arrived;
  readonly place: (around: Surroundings) => Placed;
};
/** A chain as a group found it, and what the group adds to it. */
export type Chain = {
  readonly hostId: string;
  readonly chainId: string;
  head: Head;
  highest: number;
  /** A gap was filled: the head is where the numbers end that now follow it. */
  walks: boolean;
  bundles: number;
  forks: number;
  readonly openedAt: string;
  receivedAt: string;
  forkedAt: string | null;
};
export type Written = Keeping & { readonly placed: Placed; readonly chain: Chain };
export type Decided =
  | { readonly kind: 'written'; readonly written: Written }
  /** Kept before; by this very group where `twin` says so. */
  | {
      readonly kind: 'known';
      readonly fork: boolean;
      readonly chain: Chain;
      readonly twin: Written | null;
    }
  | { readonly kind: 'refused'; readonly reason: unknown };

type Asked = { host_id: string; chain_id: string };

/**
 * What is stored around all bundles of a group, and how each of them is placed in turn, on what is stored and on what
 * of the group went before it. Their hosts are locked by then, so that nothing else is placed beside them.
 */
export async function lookAround(
  tx: TransactionSql,
  group: readonly Keeping[],
): Promise<(keeping: Keeping) => Decided> {
  const hosts = group.map(({ arrived }) => arrived.hostId);
  const names = group.map(({ arrived }) => arrived.chainId);
  const sequences = group.map(({ arrived }) => arrived.sequence);
  // Sent together, done one after the other: what follows the lock sees what others committed before it.
  const [, places, chainRows, keyRows] = await Promise.all([
    tx`SELECT 1 FROM hosts WHERE host_id = ANY (${hosts}::text[]) ORDER BY host_id FOR NO KEY UPDATE`,
    tx<(NearRow & Asked)[]>`
      SELECT near.* FROM unnest(${hosts}::text[], ${names}::text[], ${sequences}::bigint[])
        AS asked (host_id, chain_id, sequence)
      CROSS JOIN LATERAL (
        SELECT p.host_id, p.chain_id, p.sequence, p.sha256, p.previous_digest, p.fork FROM places p
        WHERE p.host_id = asked.host_id AND p.chain_id = asked.chain_id
          AND p.sequence BETWEEN asked.sequence - 1 AND asked.sequence + 1
        OFFSET 0 -- each place by the index, never all places of the host
      ) AS near`,
    tx<(KnownChain & Asked)[]>`
      SELECT DISTINCT host_id, chain_id, opened_at, head_sequence, head_sha256, highest
      FROM unnest(${hosts}::text[], ${names}::text[]) AS asked (host_id, chain_id)
      JOIN chains USING (host_id, chain_id)`,
    tx<KeyRow[]>`
      SELECT * FROM host_keys WHERE host_id = ANY (${hosts}::text[]) ORDER BY added DESC`,
  ]);

  const near = new Map<string, NearRow[]>();
  /** Places of which it is known whether they are taken. */
  const asked = new Set<string>();
  for (const { arrived } of group) {
    for (const sequence of around(arrived)) asked.add(placeOf({ ...arrived, sequence }));
  }
  const note = (at: Place & { hostId: string }, row: NearRow) => {
    const name = placeOf(at);
    const rows = near.get(name);
    if (rows === undefined) near.set(name, [row]);
    else rows.push(row);
  };
  for (const row of places) {
    note({ hostId: row.host_id, chainId: row.chain_id, sequence: row.sequence }, row);
  }
  const keys = new Map<string, HostKey[]>();
  for (const row of keyRows) keys.set(row.host_id, [...(keys.get(row.host_id) ?? []), toKey(row)]);
  const stored = new Map(chainRows.map((row) => [`${row.host_id} ${row.chain_id}`, row]));
  const chains = new Map<string, Chain>();
  const twins = new Map<string, Written>();

  /** How far a chain now goes on, and whether that is all that is known. */
  const walk = ({ hostId, chainId }: Arrived, from: Head): { head: Head; walks: boolean } => {
    for (let head = from; ; ) {
      const sequence = head.sequence + 1;
      const name = placeOf({ hostId, chainId, sequence });
      const next = near.get(name)?.find(({ fork }) => !fork);
      if (next === undefined) return { head, walks: !asked.has(name) };
      head = { sequence, sha256: next.sha256 };
    }
  };

  return (keeping) => {
    const { arrived, place } = keeping;
    const { hostId, chainId, sequence, sha256, receivedAt } = arrived;
    const name = `${hostId} ${chainId}`;
    const row = stored.get(name);
    const chain = chains.get(name) ?? begin(arrived, row);
    const rows = around(arrived).flatMap(
      (number) => near.get(placeOf({ hostId, chainId, sequence: number })) ?? [],
    );
    const known = rows.find((other) => other.sha256 === sha256);
    if (known !== undefined) {
      const twin = twins.get(`${hostId} ${sha256}`) ?? null;
      return { kind: 'known', fork: Boolean(known.fork), chain, twin };
    }
    const found = surroundings(arrived, {
      near: rows,
      chain: chain.bundles + chain.forks === 0 ? row : asRow(chain),
      keys: keys.get(hostId) ?? [],
    });
    let placed: Placed;
    try {
      placed = place(found);
    } catch (reason) {
      return { kind: 'refused', reason };
    }
    const { fork, successor } = placed;
    const { walks, ...stands } = standing(arrived, found, { fork, highest: chain.highest });
    Object.assign(chain, stands, { receivedAt });
    note(arrived, { sequence, sha256, previous_digest: arrived.previousDigest, fork });
    if (walks) {
      const reached = walk(arrived, stands.head);
      chain.head = reached.head;
      chain.walks ||= reached.walks;
    }
    if (fork) chain.forkedAt = receivedAt;
    if (fork) chain.forks += 1;
    else chain.bundles += 1;
    chains.set(name, chain);
    if (!fork && successor !== null) keys.set(hostId, succeeded(found.keys, arrived, successor));
    const written = { ...keeping, placed, chain };
    twins.set(`${hostId} ${sha256}`, written);
    return { kind: 'written', written };
  };
}

const around = ({ sequence }: Place): number[] => [sequence - 1, sequence, sequence + 1];

const placeOf = ({ hostId, chainId, sequence }: Place & { hostId: string }): string =>
  `${hostId} ${chainId} ${sequence}`;

function begin({ hostId, chainId, receivedAt }: Arrived, row: KnownChain | undefined): Chain {
  return {
    hostId,
    chainId,
    head: toHead(row),
    highest: row?.highest ?? 0,
    openedAt: row?.opened_at ?? receivedAt,
    walks: false,
    bundles: 0,
    forks: 0,
    receivedAt,
    forkedAt: null,
  };
}

const asRow = ({ openedAt, head, highest }: Chain): KnownChain => ({
  opened_at: openedAt,
  head_sequence: head.sequence,
  head_sha256: head.sha256,
  highest,
});

/** The keys of a host after a bundle that named a successor, as the database will have them. */
function succeeded(
  keys: readonly HostKey[],
  { chainId, sequence, keyId: old, receivedAt }: Arrived,
  { keyId, publicKey }: NonNullable<Placed['successor']>,
): HostKey[] {
  const at = { chainId, sequence };
  const ended = keys.map((key) =>
    key.keyId === old && key.until === null ? { ...key, until: at, supersededAt: receivedAt } : key,
  );
  if (ended.some((key) => key.keyId === keyId)) return ended;
  const fresh = { keyId, publicKey, addedAt: receivedAt, from: at, until: null };
  return [...ended, { ...fresh, supersededAt: null, revoked: false }];
}
