import type { ISql } from 'postgres';
import { type Coordinate, coordinatesOf, grow, leafHash, rangeHash } from '../../../core/merkle.ts';
import type { LogStore } from '../log-store.ts';
import { type CheckpointRow, toCheckpoint } from '../rows.ts';
import type { Sql } from './connect.ts';

type NodeRow = { level: number; node_index: number; hash: Buffer };
type PendingRow = {
  host_id: string;
  received_at: string;
  sha256: string;
  receipt_payload: Buffer;
};
type EntryRow = { leaf_index: number; host_id: string; sha256: string; receipt_payload: Buffer };

const nameOf = ({ level, index }: Coordinate): string => `${level}/${index}`;

/**
 * The Merkle log. Servers keep bundles side by side and note them as pending; whoever holds the row of `log` gives the
 * pending ones their order. So keeping never waits for the log.
 */
export function logTables(sql: Sql): LogStore {
  /** Named subtrees, in one question. */
  const nodes = async (
    ask: ISql,
    wanted: readonly Coordinate[],
  ): Promise<Map<string, Uint8Array>> => {
    const rows = await ask<NodeRow[]>`
      SELECT log_nodes.* FROM log_nodes JOIN unnest(
        ${wanted.map(({ level }) => level)}::int[], ${wanted.map(({ index }) => index)}::bigint[]
      ) AS wanted (level, node_index) USING (level, node_index)`;
    return new Map(
      rows.map(({ level, node_index, hash }) => [nameOf({ level, index: node_index }), hash]),
    );
  };
  const reader = (known: Map<string, Uint8Array>) => (at: Coordinate) => {
    const hash = known.get(nameOf(at));
    if (hash === undefined) throw new RangeError(`the log has no node ${nameOf(at)}`);
    return hash;
  };

  return {
    extendLog: ({ limit, seal }) =>
      sql.begin(async (tx) => {
        const [log] = await tx<{ log_id: string }[]>`SELECT log_id FROM log FOR NO KEY UPDATE`;
        const pending = await tx<PendingRow[]>`
          SELECT host_id, received_at, sha256, receipt_payload
          FROM (SELECT * FROM log_pending ORDER BY received_at LIMIT ${limit}) AS pending
            JOIN evidence USING (host_id, received_at, sha256)
          ORDER BY received_at, host_id, sha256`;
        if (pending.length === 0) return 0;
        const [end] = await tx<{ size: number }[]>`
          SELECT coalesce(max(leaf_index) + 1, 0) AS size FROM log_leaves`;
        const before = end?.size ?? 0;
        const known = await nodes(tx, coordinatesOf({ start: 0, end: before }));
        const leaves = pending.map(({ receipt_payload }) => leafHash(receipt_payload));
        const grown = grow({ size: before, leaves, read: reader(known) });
        for (const node of grown) known.set(nameOf(node), node.hash);
        const size = before + pending.length;
        const root = rangeHash({ start: 0, end: size }, reader(known));
        const { payload, signature, key_id } = seal({ logId: log?.log_id ?? '', size, root });
        const hosts = pending.map(({ host_id }) => host_id);
        const times = pending.map(({ received_at }) => received_at);
        const digests = pending.map(({ sha256 }) => sha256);
        await Promise.all([
          tx`INSERT INTO log_leaves SELECT * FROM unnest(
            ${pending.map((_, offset) => before + offset)}::bigint[], ${hosts}::text[],
            ${digests}::text[])`,
          tx`INSERT INTO log_nodes SELECT level, node_index, decode(hash, 'hex') FROM unnest(
            ${grown.map(({ level }) => level)}::int[], ${grown.map(({ index }) => index)}::bigint[],
            ${grown.map(({ hash }) => Buffer.from(hash).toString('hex'))}::text[]
            ) AS grown (level, node_index, hash)`,
          tx`INSERT INTO checkpoints VALUES (${size}, ${Buffer.from(payload, 'base64')},
            ${Buffer.from(signature, 'base64')}, ${key_id})`,
          tx`DELETE FROM log_pending USING unnest(
            ${hosts}::text[], ${times}::timestamptz[], ${digests}::text[]
            ) AS logged (host_id, received_at, sha256)
            WHERE log_pending.host_id = logged.host_id
              AND log_pending.received_at = logged.received_at
              AND log_pending.sha256 = logged.sha256`,
        ]);
        return pending.length;
      }),
    async logId() {
      const [row] = await sql<{ log_id: string }[]>`SELECT log_id FROM log`;
      return row?.log_id ?? '';
    },
    async unlogged(limit) {
      const rows = await sql<{ host_id: string; sha256: string }[]>`
        SELECT host_id, sha256 FROM places
        WHERE NOT EXISTS (SELECT 1 FROM log_leaves WHERE log_leaves.host_id = places.host_id
            AND log_leaves.sha256 = places.sha256)
          AND NOT EXISTS (SELECT 1 FROM log_pending WHERE log_pending.host_id = places.host_id
            AND log_pending.received_at = places.received_at AND log_pending.sha256 = places.sha256)
        ORDER BY host_id, sha256 LIMIT ${limit}`;
      return rows.map(({ host_id: hostId, sha256 }) => ({ hostId, sha256 }));
    },
    async logIndex(hostId, sha256) {
      const [row] = await sql<{ leaf_index: number }[]>`
        SELECT leaf_index FROM log_leaves WHERE host_id = ${hostId} AND sha256 = ${sha256}`;
      return row?.leaf_index ?? null;
    },
    async logEntries({ from, limit }) {
      const rows = await sql<EntryRow[]>`
        SELECT leaf_index, host_id, sha256, receipt_payload
        FROM log_leaves JOIN places USING (host_id, sha256)
          JOIN evidence USING (host_id, received_at, sha256)
        WHERE leaf_index >= ${from} AND leaf_index < ${from + limit} ORDER BY leaf_index`;
      return rows.map(({ leaf_index: index, host_id: hostId, sha256, receipt_payload }) => ({
        index,
        hostId,
        sha256,
        receiptPayload: receipt_payload,
      }));
    },
    async logNodes(wanted) {
      return wanted.map(reader(await nodes(sql, wanted)));
    },
    async checkpoints({ after, limit }) {
      const rows = await sql<CheckpointRow[]>`
        SELECT * FROM checkpoints WHERE size > ${after} ORDER BY size LIMIT ${limit}`;
      return rows.map(toCheckpoint);
    },
    async lastCheckpoint() {
      const [row] = await sql<CheckpointRow[]>`
        SELECT * FROM checkpoints ORDER BY size DESC LIMIT 1`;
      return row === undefined ? null : toCheckpoint(row);
    },
  };
}
