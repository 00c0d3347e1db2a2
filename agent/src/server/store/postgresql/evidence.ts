import type { TransactionSql } from 'postgres';
import type { Envelope } from '../../../wire/envelope.ts';
import { createGroup, type Settled } from '../group.ts';
import { type BundleRow, type ReceiptRow, toBundle, toEnvelope } from '../rows.ts';
import type { Arrived, Kept, Placed, Store } from '../store.ts';
import type { Sql } from './connect.ts';
import { type Keeping, lookAround, type Written } from './found.ts';
import { writeBundles, writeChains } from './write.ts';

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
      const decide = await lookAround(tx, group);
      const decided = group.map(decide);
      const written = decided.flatMap((one) => (one.kind === 'written' ? [one.written] : []));
      if (written.length > 0) {
        await Promise.all([
          writeBundles(tx, written),
          writeChains(tx, [...new Set(written.map(({ chain }) => chain))]),
        ]);
      }
      for (const { arrived, placed } of written) {
        if (placed.fork) continue;
        if (placed.successor !== null) await succeed(tx, arrived, placed.successor);
        await applyOutcome(tx, arrived);
      }
      const ends = decided.map(async (one, index): Promise<Settled<Kept>> => {
        if (one.kind === 'refused') return { status: 'rejected', reason: one.reason };
        if (one.kind === 'written') return done(one.written, { known: false });
        if (one.twin !== null) return done(one.twin, { known: true });
        const receipt = await receiptOf(tx, (group[index] as Keeping).arrived);
        const value = { known: true, fork: one.fork, receipt, head: one.chain.head };
        return { status: 'fulfilled', value };
      });
      return Promise.all(ends);
    }) as Promise<Settled<Kept>[]>;
  const keep = createGroup<Keeping, Kept>({ limit: MAX_GROUP, run: keepAll });
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

function done(
  { placed: { fork, receipt }, chain: { head } }: Written,
  { known }: { known: boolean },
): Settled<Kept> {
  return { status: 'fulfilled', value: { known, fork, receipt, head } };
}

async function receiptOf(tx: TransactionSql, { hostId, sha256 }: Arrived): Promise<Envelope> {
  const [row] = await tx<ReceiptRow[]>`
    SELECT receipt_payload, receipt_signature, receipt_key_id
    FROM places JOIN evidence USING (host_id, received_at, sha256)
    WHERE host_id = ${hostId} AND sha256 = ${sha256}`;
  if (row === undefined) throw new RangeError('a bundle has a place and no receipt');
  return toEnvelope(row);
}
