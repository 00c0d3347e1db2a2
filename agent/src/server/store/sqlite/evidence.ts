import type { Database } from 'better-sqlite3';
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

type At = [hostId: string, chainId: string, sequence: number];

type Keeping = {
  readonly arrived: Arrived;
  readonly place: (around: Surroundings) => Placed;
};

/** Bundles in one commit. */
const MAX_GROUP = 256;

type Neighbours = {
  keysOf(hostId: string): HostKey[];
  succeed(at: Arrived, successor: NonNullable<Placed['successor']>): void;
  applyOutcome(arrived: Arrived): void;
};

/** Bundles as they came, their receipts, and the head of each chain. */
export function evidenceTable(
  database: Database,
  { keysOf, succeed, applyOutcome }: Neighbours,
): Pick<Store, 'keep' | 'bundles'> {
  const selectKnown = database.prepare<
    [string, string],
    ReceiptRow & { fork: number; chain_id: string }
  >('SELECT * FROM evidence WHERE host_id = ? AND sha256 = ?');
  const selectAt = database.prepare<At, { sha256: string; previous_digest: string }>(`
    SELECT sha256, previous_digest FROM evidence
    WHERE host_id = ? AND chain_id = ? AND sequence = ? AND fork = 0`);
  const selectFork = database.prepare<[...At, string], { sha256: string }>(`
    SELECT sha256 FROM evidence
    WHERE host_id = ? AND chain_id = ? AND sequence = ? AND fork = 1 AND sha256 = ?`);
  const selectAfter = database.prepare<At, { sequence: number; sha256: string }>(`
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

  const headOf = (hostId: string, chainId: string) => toHead(selectChain.get(hostId, chainId));

  const lookAround = ({ hostId, chainId, sequence, previousDigest }: Arrived): Surroundings => ({
    keys: keysOf(hostId),
    chainOpenedAt: selectChain.get(hostId, chainId)?.opened_at ?? null,
    head: headOf(hostId, chainId),
    same: selectAt.get(hostId, chainId, sequence)?.sha256 ?? null,
    previous: selectAt.get(hostId, chainId, sequence - 1)?.sha256 ?? null,
    nextExpects: selectAt.get(hostId, chainId, sequence + 1)?.previous_digest ?? null,
    followsFork: selectFork.get(hostId, chainId, sequence - 1, previousDigest) !== undefined,
  });

  /** The head moves over all that now follows it without a gap. */
  const advance = (arrived: Arrived, fork: boolean): Head => {
    const { hostId, chainId, sequence: here } = arrived;
    const before = selectChain.get(hostId, chainId);
    let head = toHead(before);
    for (const { sequence, sha256 } of selectAfter.iterate(hostId, chainId, head.sequence)) {
      if (sequence !== head.sequence + 1) break;
      head = { sequence, sha256 };
    }
    const highest = Math.max(before?.highest ?? 0, fork ? 0 : here);
    upsertChain.run({
      hostId,
      chainId,
      receivedAt: arrived.receivedAt,
      headSequence: head.sequence,
      headSha256: head.sha256,
      highest,
      fork: fork ? 1 : 0,
      gap: highest > head.sequence ? 1 : 0,
    });
    return head;
  };

  /** Reads and decides, and only then writes: a refusal leaves nothing behind. */
  const keepOne = ({ arrived, place }: Keeping): Settled<Kept> => {
    const known = selectKnown.get(arrived.hostId, arrived.sha256);
    if (known !== undefined) {
      const head = headOf(arrived.hostId, known.chain_id);
      return done({ known: true, fork: known.fork === 1, receipt: toEnvelope(known), head });
    }
    let placed: Placed;
    try {
      placed = place(lookAround(arrived));
    } catch (reason) {
      return { status: 'rejected', reason };
    }
    const { fork, receipt, successor } = placed;
    insert.run({
      ...arrived,
      fork: fork ? 1 : 0,
      receiptPayload: Buffer.from(receipt.payload, 'base64'),
      receiptSignature: Buffer.from(receipt.signature, 'base64'),
      receiptKeyId: receipt.key_id,
    });
    const head = advance(arrived, fork);
    if (!fork && successor !== null) succeed(arrived, successor);
    if (!fork) applyOutcome(arrived);
    return done({ known: false, fork, receipt, head });
  };
  const keepAll = database.transaction((group: readonly Keeping[]) => group.map(keepOne));
  const keep = createGroup<Keeping, Kept>({
    limit: MAX_GROUP,
    run: async (group) => keepAll.immediate(group),
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
