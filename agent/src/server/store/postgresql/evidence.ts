import type { TransactionSql } from 'postgres';
import type { Envelope } from '../../../wire/envelope.ts';
import { type NearRow, standing, surroundings } from '../around.ts';
import { createGroup, type Settled } from '../group.ts';
import {
  type BundleRow,
  type ChainRow,
  type KeyRow,
  type ReceiptRow,
  toBundle,
  toEnvelope,
  toHead,
  toKey,
} from '../rows.ts';
import type { Arrived, Head, Kept, Placed, Store, Surroundings } from '../store.ts';
import type { Sql } from './connect.ts';

type Keeping = {
  readonly arrived: Arrived;
  readonly place: (around: Surroundings) => Placed;
};
type PlaceRow = NearRow & { host_id: string; chain_id: string };
/** What a transaction found around all bundles of its group. */
type Found = {
  readonly places: readonly PlaceRow[];
  readonly chains: readonly ChainRow[];
  readonly keys: readonly KeyRow[];
};
/** A bundle that is to be written, with the head of its chain afterwards. */
type Written = Keeping & { readonly placed: Placed; readonly head: Head; readonly highest: number };

type Neighbours = {
  succeed(
    tx: TransactionSql,
    at: Arrived,
    successor: NonNullable<Placed['successor']>,
  ): Promise<void>;
  applyOutcome(tx: TransactionSql, arrived: Arrived): Promise<void>;
};

/** Bundles in one commit. */
const MAX_GROUP = 256;

/**
 * Bundles as they came, their receipts, and the head of each chain. A group locks the rows of its hosts, in their
 * order, so that servers beside each other never place two bundles of one host at once; other hosts do not wait.
 */
export function evidenceTables(
  sql: Sql,
  { succeed, applyOutcome }: Neighbours,
): Pick<Store, 'keep' | 'bundles'> {
  const keepAll = (group: readonly Keeping[]) =>
    sql.begin(async (tx) => {
      const found = await lookAround(tx, group);
      const ends: Promise<Settled<Kept>>[] = [];
      const written: Written[] = [];
      for (const keeping of group) ends.push(decide(tx, keeping, found, written));
      const decided = await Promise.all(ends);
      await write(tx, written);
      for (const { arrived, placed } of written) {
        if (placed.fork) continue;
        if (placed.successor !== null) await succeed(tx, arrived, placed.successor);
        await applyOutcome(tx, arrived);
      }
      return decided;
    }) as Promise<Settled<Kept>[]>;
  const keep = createGroup<Keeping, Kept>({
    limit: MAX_GROUP,
    apart: ({ arrived }) => arrived.hostId,
    run: keepAll,
  });
  return {
    keep: (arrived, place) => keep({ arrived, place }),
    async bundles({ hostId, chainId, after, limit }) {
      const rows = await sql<BundleRow[]>`
        SELECT arrival, chain_id, sequence, sha256, fork, bundle, signature,
          receipt_payload, receipt_signature, receipt_key_id
        FROM places JOIN evidence USING (host_id, received_at, sha256)
        WHERE host_id = ${hostId} AND chain_id = ${chainId}
          AND sequence >= ${after?.sequence ?? 0}
          AND (sequence, arrival) > (${after?.sequence ?? 0}, ${after?.arrival ?? 0})
        ORDER BY sequence, arrival LIMIT ${limit}`;
      return rows.map(toBundle);
    },
  };
}

async function lookAround(tx: TransactionSql, group: readonly Keeping[]): Promise<Found> {
  const hosts = group.map(({ arrived }) => arrived.hostId);
  const chains = group.map(({ arrived }) => arrived.chainId);
  const sequences = group.map(({ arrived }) => arrived.sequence);
  // Sent together, done one after the other: what follows the lock sees what others committed before it.
  const [, places, chainRows, keys] = await Promise.all([
    tx`SELECT 1 FROM hosts WHERE host_id = ANY (${hosts}::text[]) ORDER BY host_id FOR NO KEY UPDATE`,
    tx<PlaceRow[]>`
      SELECT p.host_id, p.chain_id, p.sequence, p.sha256, p.previous_digest, p.fork
      FROM unnest(${hosts}::text[], ${chains}::text[], ${sequences}::bigint[])
        AS asked (host_id, chain_id, sequence)
      JOIN places p ON p.host_id = asked.host_id AND p.chain_id = asked.chain_id
        AND p.sequence BETWEEN asked.sequence - 1 AND asked.sequence + 1`,
    tx<ChainRow[]>`
      SELECT chains.*
      FROM unnest(${hosts}::text[], ${chains}::text[]) AS asked (host_id, chain_id)
      JOIN chains USING (host_id, chain_id)`,
    tx<KeyRow[]>`
      SELECT * FROM host_keys WHERE host_id = ANY (${hosts}::text[]) ORDER BY added DESC`,
  ]);
  return { places, chains: chainRows, keys };
}

async function decide(
  tx: TransactionSql,
  keeping: Keeping,
  { places, chains, keys }: Found,
  written: Written[],
): Promise<Settled<Kept>> {
  const { arrived, place } = keeping;
  const { hostId, chainId, sha256 } = arrived;
  const near = places.filter((row) => row.host_id === hostId);
  const chain = chains.find((row) => row.host_id === hostId && row.chain_id === chainId);
  const known = near.find((row) => row.sha256 === sha256);
  if (known !== undefined) {
    const receipt = await receiptOf(tx, hostId, sha256);
    return done({ known: true, fork: Boolean(known.fork), receipt, head: toHead(chain) });
  }
  const around = surroundings(arrived, {
    near,
    chain,
    keys: keys.filter((row) => row.host_id === hostId).map(toKey),
  });
  let placed: Placed;
  try {
    placed = place(around);
  } catch (reason) {
    return { status: 'rejected', reason };
  }
  const { fork, receipt } = placed;
  const { walks, ...stands } = standing(arrived, around, { fork, highest: chain?.highest ?? 0 });
  const head = walks ? await walk(tx, arrived) : stands.head;
  written.push({ ...keeping, placed, head, highest: stands.highest });
  return done({ known: false, fork, receipt, head });
}

/** The end of the numbers without a gap after a bundle that filled one. */
async function walk(tx: TransactionSql, { hostId, chainId, sequence }: Arrived): Promise<Head> {
  const [end] = await tx<Head[]>`
    SELECT sequence, sha256 FROM (
      SELECT sequence, sha256, sequence - row_number() OVER (ORDER BY sequence) AS island
      FROM places
      WHERE host_id = ${hostId} AND chain_id = ${chainId} AND sequence > ${sequence} AND NOT fork
    ) AS after WHERE island = ${sequence} ORDER BY sequence DESC LIMIT 1`;
  if (end === undefined) throw new RangeError('the bundle after this one is gone');
  return { ...end };
}

async function receiptOf(tx: TransactionSql, hostId: string, sha256: string): Promise<Envelope> {
  const [row] = await tx<ReceiptRow[]>`
    SELECT receipt_payload, receipt_signature, receipt_key_id
    FROM places JOIN evidence USING (host_id, received_at, sha256)
    WHERE host_id = ${hostId} AND sha256 = ${sha256}`;
  if (row === undefined) throw new RangeError('a bundle has a place and no receipt');
  return toEnvelope(row);
}

/** One statement a table, whatever the size of the group. */
async function write(tx: TransactionSql, written: readonly Written[]): Promise<void> {
  if (written.length === 0) return;
  const of = <T>(pick: (bundle: Arrived) => T) => written.map(({ arrived }) => pick(arrived));
  const hosts = of(({ hostId }) => hostId);
  const digests = of(({ sha256 }) => sha256);
  const chains = of(({ chainId }) => chainId);
  const sequences = of(({ sequence }) => sequence);
  const times = of(({ receivedAt }) => receivedAt);
  const forks = written.map(({ placed }) => (placed.fork ? 1 : 0)); // a list of booleans is taken for one
  const receipts = written.map(({ placed }) => placed.receipt);
  const hex = (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}`;
  await Promise.all([
    tx`INSERT INTO places (host_id, sha256, chain_id, sequence, previous_digest, fork, received_at)
      SELECT host_id, sha256, chain_id, sequence, previous_digest, fork = 1, received_at
      FROM unnest(${hosts}::text[], ${digests}::text[], ${chains}::text[],
        ${sequences}::bigint[], ${of(({ previousDigest }) => previousDigest)}::text[],
        ${forks}::int[], ${times}::timestamptz[])
      AS arrived (host_id, sha256, chain_id, sequence, previous_digest, fork, received_at)`,
    tx`INSERT INTO evidence (host_id, received_at, sha256, arrival, bundle_id, key_id, check_id, outcome,
        order_id, timestamp_end, bundle, signature, receipt_payload, receipt_signature,
        receipt_key_id)
      SELECT host_id, received_at, sha256, nextval('arrivals'), bundle_id, key_id, check_id,
        outcome, order_id, timestamp_end, bundle::bytea, signature::bytea, receipt_payload::bytea,
        receipt_signature::bytea, receipt_key_id
      FROM unnest(${hosts}::text[], ${times}::timestamptz[], ${digests}::text[],
        ${of(({ bundleId }) => bundleId)}::text[], ${of(({ keyId }) => keyId)}::text[],
        ${of(({ check }) => check)}::text[], ${of(({ outcome }) => outcome)}::text[],
        ${of(({ orderId }) => orderId)}::text[],
        ${of(({ timestampEnd }) => timestampEnd)}::timestamptz[],
        ${of(({ bytes }) => hex(bytes))}::text[], ${of(({ signature }) => hex(signature))}::text[],
        ${receipts.map(({ payload }) => hex(Buffer.from(payload, 'base64')))}::text[],
        ${receipts.map(({ signature }) => hex(Buffer.from(signature, 'base64')))}::text[],
        ${receipts.map(({ key_id }) => key_id)}::text[])
      AS arrived (host_id, received_at, sha256, bundle_id, key_id, check_id, outcome, order_id,
        timestamp_end, bundle, signature, receipt_payload, receipt_signature, receipt_key_id)`,
    tx`INSERT INTO log_pending (host_id, received_at, sha256)
      SELECT * FROM unnest(${hosts}::text[], ${times}::timestamptz[], ${digests}::text[])`,
    tx`INSERT INTO chains AS c (host_id, chain_id, opened_at, head_sequence, head_sha256, bundles,
        highest, forks, last_received_at, gap_since, forked_at)
      SELECT host_id, chain_id, received_at, head_sequence, head_sha256, 1 - fork,
        highest, fork, received_at,
        CASE WHEN highest > head_sequence THEN received_at END, CASE WHEN fork = 1 THEN received_at END
      FROM unnest(${hosts}::text[], ${chains}::text[], ${times}::timestamptz[],
        ${written.map(({ head }) => head.sequence)}::bigint[],
        ${written.map(({ head }) => head.sha256)}::text[],
        ${written.map(({ highest }) => highest)}::bigint[], ${forks}::int[])
      AS arrived (host_id, chain_id, received_at, head_sequence, head_sha256, highest, fork)
      ON CONFLICT (host_id, chain_id) DO UPDATE SET
        head_sequence = excluded.head_sequence, head_sha256 = excluded.head_sha256,
        bundles = c.bundles + excluded.bundles, highest = excluded.highest,
        forks = c.forks + excluded.forks, last_received_at = excluded.last_received_at,
        gap_since = CASE WHEN excluded.gap_since IS NOT NULL
          THEN coalesce(c.gap_since, excluded.gap_since) END,
        forked_at = coalesce(excluded.forked_at, c.forked_at)`,
  ]);
}

const done = (value: Kept): Settled<Kept> => ({ status: 'fulfilled', value });
