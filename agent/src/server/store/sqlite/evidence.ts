import type { Database } from 'better-sqlite3';
import type { Envelope } from '../../../wire/envelope.ts';
import { NO_DIGEST } from '../../../wire/primitives.ts';
import { createGroup, type Settled } from '../group.ts';
import type {
  Arrived,
  Head,
  HostKey,
  Kept,
  Placed,
  Store,
  StoredBundle,
  Surroundings,
} from '../store.ts';

type ReceiptRow = { receipt_payload: Buffer; receipt_signature: Buffer; receipt_key_id: string };
type BundleRow = ReceiptRow & {
  arrival: number;
  chain_id: string;
  sequence: number;
  sha256: string;
  fork: number;
  bundle: Buffer;
  signature: Buffer;
};
type ChainRow = { opened_at: string; head_sequence: number; head_sha256: string };
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
    INSERT INTO chains VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (host_id, chain_id) DO UPDATE
    SET head_sequence = excluded.head_sequence, head_sha256 = excluded.head_sha256`);
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

  const headOf = (hostId: string, chainId: string): Head => {
    const chain = selectChain.get(hostId, chainId);
    return chain === undefined
      ? { sequence: 0, sha256: NO_DIGEST }
      : { sequence: chain.head_sequence, sha256: chain.head_sha256 };
  };

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
  const advance = ({ hostId, chainId, receivedAt }: Arrived): Head => {
    let head = headOf(hostId, chainId);
    for (const { sequence, sha256 } of selectAfter.iterate(hostId, chainId, head.sequence)) {
      if (sequence !== head.sequence + 1) break;
      head = { sequence, sha256 };
    }
    upsertChain.run(hostId, chainId, receivedAt, head.sequence, head.sha256);
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
    const head = advance(arrived);
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

function toBundle(row: BundleRow): StoredBundle {
  return {
    arrival: row.arrival,
    chainId: row.chain_id,
    sequence: row.sequence,
    sha256: row.sha256,
    fork: row.fork === 1,
    bytes: row.bundle,
    signature: row.signature,
    receipt: toEnvelope(row),
  };
}

function toEnvelope(row: ReceiptRow): Envelope {
  return {
    payload: row.receipt_payload.toString('base64'),
    signature: row.receipt_signature.toString('base64'),
    key_id: row.receipt_key_id,
  };
}
