import type { TransactionSql } from 'postgres';
import type { Head } from '../store.ts';
import type { Chain, Written } from './found.ts';

/**
 * Writes what a group keeps: one statement, whatever the size of the group, of rows in one JSON text. PostgreSQL takes
 * that apart for less than a driver needs to put together twenty arrays.
 */
export async function writeBundles(tx: TransactionSql, written: readonly Written[]): Promise<void> {
  const rows = written.map(({ arrived, placed: { fork, receipt } }) => ({
    host_id: arrived.hostId,
    sha256: arrived.sha256,
    chain_id: arrived.chainId,
    sequence: arrived.sequence,
    previous_digest: arrived.previousDigest,
    fork,
    received_at: arrived.receivedAt,
    bundle_id: arrived.bundleId,
    key_id: arrived.keyId,
    check_id: arrived.check,
    outcome: arrived.outcome,
    order_id: arrived.orderId,
    timestamp_end: arrived.timestampEnd,
    bundle: base64(arrived.bytes),
    signature: base64(arrived.signature),
    receipt_payload: receipt.payload,
    receipt_signature: receipt.signature,
    receipt_key_id: receipt.key_id,
  }));
  await tx`
    WITH arrived AS MATERIALIZED (
      SELECT * FROM json_to_recordset((${JSON.stringify(rows)}::text)::json) AS arrived (
        host_id text, sha256 text, chain_id text, sequence bigint, previous_digest text,
        fork boolean, received_at timestamptz, bundle_id text, key_id text, check_id text,
        outcome text, order_id text, timestamp_end timestamptz, bundle text, signature text,
        receipt_payload text, receipt_signature text, receipt_key_id text)
    ), placed AS (
      INSERT INTO places
        (host_id, sha256, chain_id, sequence, previous_digest, fork, received_at)
      SELECT host_id, sha256, chain_id, sequence, previous_digest, fork, received_at FROM arrived
    ), pending AS (
      INSERT INTO log_pending (host_id, received_at, sha256)
      SELECT host_id, received_at, sha256 FROM arrived
    )
    INSERT INTO evidence (host_id, received_at, sha256, arrival, bundle_id, key_id, check_id,
      outcome, order_id, timestamp_end, bundle, signature, receipt_payload, receipt_signature,
      receipt_key_id)
    SELECT host_id, received_at, sha256, nextval('arrivals'), bundle_id, key_id, check_id, outcome,
      order_id, timestamp_end, decode(bundle, 'base64'), decode(signature, 'base64'),
      decode(receipt_payload, 'base64'), decode(receipt_signature, 'base64'), receipt_key_id
    FROM arrived`;
}

/** Writes how the chains of a group stand, with the heads that `walk` found where a gap was filled. */
export async function writeChains(tx: TransactionSql, chains: readonly Chain[]): Promise<void> {
  await Promise.all(
    chains.map(async (chain) => {
      if (chain.walks) chain.head = await walk(tx, chain);
    }),
  );
  const rows = chains.map((chain) => ({
    host_id: chain.hostId,
    chain_id: chain.chainId,
    opened_at: chain.openedAt,
    head_sequence: chain.head.sequence,
    head_sha256: chain.head.sha256,
    bundles: chain.bundles,
    highest: chain.highest,
    forks: chain.forks,
    last_received_at: chain.receivedAt,
    gap_since: chain.highest > chain.head.sequence ? chain.receivedAt : null,
    forked_at: chain.forkedAt,
  }));
  await tx`
    INSERT INTO chains AS c
    SELECT * FROM json_to_recordset((${JSON.stringify(rows)}::text)::json) AS arrived (
      host_id text, chain_id text, opened_at timestamptz, head_sequence bigint, head_sha256 text,
      bundles bigint, highest bigint, forks bigint, last_received_at timestamptz,
      gap_since timestamptz, forked_at timestamptz)
    ON CONFLICT (host_id, chain_id) DO UPDATE SET
      head_sequence = excluded.head_sequence, head_sha256 = excluded.head_sha256,
      bundles = c.bundles + excluded.bundles, highest = excluded.highest,
      forks = c.forks + excluded.forks, last_received_at = excluded.last_received_at,
      gap_since = CASE WHEN excluded.gap_since IS NOT NULL
        THEN coalesce(c.gap_since, excluded.gap_since) END,
      forked_at = coalesce(excluded.forked_at, c.forked_at)`;
}

/** The end of the numbers without a gap from the head on, where there are more of them. */
async function walk(tx: TransactionSql, { hostId, chainId, head }: Chain): Promise<Head> {
  const [end] = await tx<Head[]>`
    SELECT sequence, sha256 FROM (
      SELECT sequence, sha256, sequence - row_number() OVER (ORDER BY sequence) AS island
      FROM places
      WHERE host_id = ${hostId} AND chain_id = ${chainId} AND sequence > ${head.sequence} AND NOT fork
    ) AS after WHERE island = ${head.sequence} ORDER BY sequence DESC LIMIT 1`;
  return end === undefined ? head : { ...end };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
