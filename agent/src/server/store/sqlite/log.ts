import type { Database } from 'better-sqlite3';
import { type Coordinate, grow, leafHash, rangeHash } from '../../../core/merkle.ts';
import type { LogStore, Seal } from '../log-store.ts';
import { type CheckpointRow, toCheckpoint } from '../rows.ts';

type PendingRow = { arrival: number; receipt_payload: Buffer };
type EntryRow = { leaf_index: number; host_id: string; sha256: string; receipt_payload: Buffer };

/** The Merkle log. SQLite has one writer, so that bundles have their order when they are kept: that of the log. */
export function logTables(database: Database): LogStore {
  const selectId = database.prepare<[], { log_id: string }>('SELECT log_id FROM log');
  const selectEnd = database.prepare<[], { size: number; arrival: number }>(`
    SELECT coalesce(max(leaf_index) + 1, 0) AS size, coalesce(max(arrival), 0) AS arrival
    FROM log_leaves`);
  const selectPending = database.prepare<[number, number], PendingRow>(`
    SELECT arrival, receipt_payload FROM evidence WHERE arrival > ? ORDER BY arrival LIMIT ?`);
  const selectNode = database.prepare<[number, number], { hash: Buffer }>(
    'SELECT hash FROM log_nodes WHERE level = ? AND node_index = ?',
  );
  const insertLeaf = database.prepare('INSERT INTO log_leaves VALUES (?, ?)');
  const insertNode = database.prepare('INSERT INTO log_nodes VALUES (?, ?, ?)');
  const insertCheckpoint = database.prepare('INSERT INTO checkpoints VALUES (?, ?, ?, ?)');
  const selectIndex = database.prepare<[string, string], { leaf_index: number }>(`
    SELECT leaf_index FROM evidence JOIN log_leaves USING (arrival)
    WHERE host_id = ? AND sha256 = ?`);
  const selectEntries = database.prepare<[number, number], EntryRow>(`
    SELECT leaf_index, host_id, sha256, receipt_payload
    FROM log_leaves JOIN evidence USING (arrival)
    WHERE leaf_index >= ? ORDER BY leaf_index LIMIT ?`);
  const selectUnlogged = database.prepare<[number], { host_id: string; sha256: string }>(`
    SELECT host_id, sha256 FROM evidence LEFT JOIN log_leaves USING (arrival)
    WHERE leaf_index IS NULL AND arrival < (SELECT max(arrival) FROM log_leaves)
    ORDER BY arrival LIMIT ?`);
  const selectCheckpoints = database.prepare<[number, number], CheckpointRow>(
    'SELECT * FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?',
  );
  const selectLast = database.prepare<[], CheckpointRow>(
    'SELECT * FROM checkpoints ORDER BY size DESC LIMIT 1',
  );

  const logId = (): string => selectId.get()?.log_id ?? '';
  const read = ({ level, index }: Coordinate): Uint8Array => {
    const row = selectNode.get(level, index);
    if (row === undefined) throw new RangeError(`the log has no node ${level}/${index}`);
    return row.hash;
  };

  const extend = database.transaction(({ limit, seal }: { limit: number; seal: Seal }) => {
    const end = selectEnd.get() ?? { size: 0, arrival: 0 };
    const pending = selectPending.all(end.arrival, limit);
    if (pending.length === 0) return 0;
    const leaves = pending.map(({ receipt_payload }) => leafHash(receipt_payload));
    for (const { level, index, hash } of grow({ size: end.size, leaves, read })) {
      insertNode.run(level, index, hash);
    }
    for (const [offset, { arrival }] of pending.entries()) {
      insertLeaf.run(end.size + offset, arrival);
    }
    const size = end.size + pending.length;
    const root = rangeHash({ start: 0, end: size }, read);
    const { payload, signature, key_id } = seal({ logId: logId(), size, root });
    insertCheckpoint.run(
      size,
      Buffer.from(payload, 'base64'),
      Buffer.from(signature, 'base64'),
      key_id,
    );
    return pending.length;
  });

  return {
    extendLog: async (step) => extend.immediate(step),
    logId: async () => logId(),
    unlogged: async (limit) =>
      selectUnlogged.all(limit).map(({ host_id: hostId, sha256 }) => ({ hostId, sha256 })),
    logIndex: async (hostId, sha256) => selectIndex.get(hostId, sha256)?.leaf_index ?? null,
    logEntries: async ({ from, limit }) =>
      selectEntries.all(from, limit).map((row) => ({
        index: row.leaf_index,
        hostId: row.host_id,
        sha256: row.sha256,
        receiptPayload: row.receipt_payload,
      })),
    logNodes: async (wanted) => wanted.map(read),
    checkpoints: async ({ after, limit }) => selectCheckpoints.all(after, limit).map(toCheckpoint),
    async lastCheckpoint() {
      const row = selectLast.get();
      return row === undefined ? null : toCheckpoint(row);
    },
  };
}
