import type { Database } from 'better-sqlite3';
import { type NearRow, standing, surroundings } from '../around.ts';
import { createGroup, type Settled } from '../group.ts';
import {
  type BundleRow,
  type ChainRow,
  type ReceiptRow,
  toBundle,
  toEnvelope,
  toHead,
} from '../rows.ts';
import type { Arrived, Head, HostKey, Kept, Placed, Store, Surroundings } from '../store.ts';

type Keeping = {
  readonly arrived: Arrived;
  readonly place: (around: Surroundings) => Placed;
};

/** Bundles in one commit. */
const MAX_GROUP = 256;

type Neighbours = {
  keysOf(hostId: string): readonly HostKey[];
  forget(): void;
  succeed(at: Arrived, successor: NonNullable<Placed['successor']>): void;
  applyOutcome(arrived: Arrived): void;
};

/** Bundles as they came, their receipts, and the head of each chain. */
export function evidenceTable(
  database: Database,
  { keysOf, forget, succeed, applyOutcome }: Neighbours,
): Pick<Store, 'keep' | 'bundles'> {
  // Bundles of one digest have one place: what is known is among what is near.
  const selectNear = database.prepare<[string, string, number, number], NearRow>(`
    SELECT sequence, sha256, previous_digest, fork FROM evidence
    WHERE host_id = ? AND chain_id = ? AND sequence BETWEEN ? AND ?`);
  const selectReceipt = database.prepare<[string, string], ReceiptRow>(`
    SELECT receipt_payload, receipt_signature, receipt_key_id FROM evidence
    WHERE host_id = ? AND sha256 = ?`);
  const selectAfter = database.prepare<
    [string, string, number],
    { sequence: number; sha256: string }
  >(`
    SELECT sequence, sha256 FROM evidence
    WHERE host_id = ? AND chain_id = ? AND sequence > ? AND fork = 0 ORDER BY sequence`);
  const selectChain = database.prepare<[string, string], ChainRow>(
    'SELECT * FROM chains WHERE host_id = ? AND chain_id = ?',
  );
  const upsertChain = database.prepare(`
    INSERT INTO chains (host_id, chain_id, opened_at, head_sequence, head_sha256, bundles, highest,
      forks, last_received_at, gap_since, forked_at)
    VALUES (@hostId, @chainId, @receivedAt, @headSequence, @headSha256, 1 - @fork, @highest,
      @fork, @receivedAt, iif(@gap, @receivedAt, NULL), iif(@fork, @receivedAt, NULL))
    ON CONFLICT (host_id, chain_id) DO UPDATE SET
      head_sequence = excluded.head_sequence, head_sha256 = excluded.head_sha256,
      bundles = bundles + excluded.bundles, highest = excluded.highest,
      forks = forks + excluded.forks, last_received_at = excluded.last_received_at,
      gap_since = iif(@gap, coalesce(gap_since, excluded.gap_since), NULL),
      forked_at = coalesce(excluded.forked_at, forked_at)`);
  const insert = database.prepare(`
    INSERT INTO evidence (host_id, sha256, chain_id, sequence, previous_digest, fork, bundle_id,
      key_id, check_id, outcome, order_id, timestamp_end, received_at, bundle, signature,
      receipt_payload, receipt_signature, receipt_key_id)
    VALUES (@hostId, @sha256, @chainId, @sequence, @previousDigest, @fork, @bundleId,
      @keyId, @check, @outcome, @orderId, @timestampEnd, @receivedAt, @bytes, @signature,
      @receiptPayload, @receiptSignature, @receiptKeyId)`);
  const selectPage = database.prepare<[string, string, number, number, number], BundleRow>(`
    SELECT * FROM evidence WHERE host_id = ? AND chain_id = ? AND (sequence, arrival) > (?, ?)
    ORDER BY sequence, arrival LIMIT ?`);

  /** The end of the numbers without a gap after a bundle that filled one. */
  const walk = ({ hostId, chainId }: Arrived, from: Head): Head => {
    let head = from;
    for (const { sequence, sha256 } of selectAfter.iterate(hostId, chainId, head.sequence)) {
      if (sequence !== head.sequence + 1) break;
      head = { sequence, sha256 };
    }
    return head;
  };

  /** Reads and decides, and only then writes: a refusal leaves nothing behind. */
  const keepOne = ({ arrived, place }: Keeping): Settled<Kept> => {
    const { hostId, chainId, sequence, sha256 } = arrived;
    const near = selectNear.all(hostId, chainId, sequence - 1, sequence + 1);
    const chain = selectChain.get(hostId, chainId);
    const known = near.find((row) => row.sha256 === sha256);
    if (known !== undefined) {
      const receipt = toEnvelope(selectReceipt.get(hostId, sha256) as ReceiptRow);
      return done({ known: true, fork: known.fork === 1, receipt, head: toHead(chain) });
    }
    const around = surroundings(arrived, { near, chain, keys: keysOf(hostId) });
    let placed: Placed;
    try {
      placed = place(around);
    } catch (reason) {
      return { status: 'rejected', reason };
    }
    const { fork, receipt, successor } = placed;
    const { walks, ...stands } = standing(arrived, around, { fork, highest: chain?.highest ?? 0 });
    insert.run({
      ...arrived,
      fork: fork ? 1 : 0,
      receiptPayload: Buffer.from(receipt.payload, 'base64'),
      receiptSignature: Buffer.from(receipt.signature, 'base64'),
      receiptKeyId: receipt.key_id,
    });
    const head = walks ? walk(arrived, stands.head) : stands.head;
    upsertChain.run({
      hostId,
      chainId,
      receivedAt: arrived.receivedAt,
      headSequence: head.sequence,
      headSha256: head.sha256,
      highest: stands.highest,
      fork: fork ? 1 : 0,
      gap: stands.highest > head.sequence ? 1 : 0,
    });
    if (!fork && successor !== null) succeed(arrived, successor);
    if (!fork) applyOutcome(arrived);
    return done({ known: false, fork, receipt, head });
  };
  const keepAll = database.transaction((group: readonly Keeping[]) => group.map(keepOne));
  const keep = createGroup<Keeping, Kept>({
    limit: MAX_GROUP,
    async run(group) {
      try {
        return keepAll.immediate(group);
      } catch (error) {
        forget();
        throw error;
      }
    },
  });

  return {
    keep: (arrived, place) => keep({ arrived, place }),
    bundles: async ({ hostId, chainId, after, limit }) =>
      selectPage
        .all(hostId, chainId, after?.sequence ?? 0, after?.arrival ?? 0, limit)
        .map(toBundle),
  };
}

const done = (value: Kept): Settled<Kept> => ({ status: 'fulfilled', value });
