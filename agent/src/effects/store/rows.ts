import type { Bundle } from '../../wire/evidence.ts';
import type { PrunedRange } from '../../wire/lineage.ts';
import type { NoticeChannel } from '../../wire/notice.ts';
import type { Db } from './schema.ts';

/** One bundle in the index. Times are milliseconds since the epoch. */
export type BundleRow = {
  readonly position: number;
  readonly bundle_id: string;
  readonly sha256: string;
  readonly chain_id: string;
  readonly sequence: number;
  readonly previous_digest: string;
  readonly key_id: string;
  readonly check_id: string;
  readonly outcome: string;
  readonly order_id: string | null;
  readonly started_at: number;
  readonly ended_at: number;
  readonly size: number;
  readonly receipted: 0 | 1;
};

/** The end of the chain, and the key that signs what comes next. */
export type Head = {
  readonly chain_id: string;
  readonly sequence: number;
  readonly digest: string;
  readonly key_id: string;
};

/** Statements on the rows of one database, prepared once. */
export function prepareRows(db: Db) {
  const insert = db.prepare(`INSERT INTO bundle
    (bundle_id, sha256, chain_id, sequence, previous_digest, key_id, check_id, outcome, order_id, started_at, ended_at, size, receipted)
    VALUES (@bundle_id, @sha256, @chain_id, @sequence, @previous_digest, @key_id, @check_id, @outcome, @order_id, @started_at, @ended_at, @size, @receipted)`);
  const enqueue =
    db.prepare(`INSERT INTO queue (position, sha256, size, enqueued_at, due_ms, boot_id)
    VALUES (?, ?, ?, ?, 0, ?)`);
  const notify = db.prepare(
    'INSERT INTO outbox (channel, position, due_ms, boot_id) VALUES (?, ?, 0, ?)',
  );
  const head = db.prepare<[], Head>('SELECT chain_id, sequence, digest, key_id FROM head');
  const setHead = db.prepare(
    'INSERT OR REPLACE INTO head VALUES (1, @chain_id, @sequence, @digest, @key_id)',
  );
  const setFolder = db.prepare('INSERT OR REPLACE INTO folder VALUES (?, ?)');
  const has = db.prepare('SELECT 1 FROM bundle WHERE chain_id = ? AND sequence = ?');
  const insertPruned = db.prepare(
    'INSERT INTO pruned VALUES (@chain_id, @first_sequence, @last_sequence, @preceding_digest, @last_digest)',
  );
  return {
    has: (chainId: string, sequence: number): boolean => has.get(chainId, sequence) !== undefined,
    insertPruned: ({ count: _, ...range }: PrunedRange) => void insertPruned.run(range),
    head: (): Head | null => head.get() ?? null,
    setHead: (value: Head) => void setHead.run(value),
    /** Remembers when a day’s folder last changed, so that the next start looks only at days that differ. */
    setFolder: (day: string, change: string) => void setFolder.run(day, change),
    /** Adds a bundle to the index; gives its position. */
    insert: (row: Omit<BundleRow, 'position'>): number => Number(insert.run(row).lastInsertRowid),
    /** Queues a bundle, due at once. */
    enqueue: (entry: {
      position: number;
      sha256: string;
      size: number;
      at: number;
      bootId: string;
    }) => void enqueue.run(entry.position, entry.sha256, entry.size, entry.at, entry.bootId),
    /** Has a bundle told to each channel, due at once. */
    notify: (
      { position, bootId }: { position: number; bootId: string },
      channels: readonly NoticeChannel[],
    ) => {
      for (const channel of channels) notify.run(channel, position, bootId);
    },
  };
}
export type Rows = ReturnType<typeof prepareRows>;

/** A bundle as its row. */
export function rowOf(
  bundle: Bundle,
  { sha256, size, receipted }: { sha256: string; size: number; receipted: boolean },
): Omit<BundleRow, 'position'> {
  return {
    bundle_id: bundle.bundle_id,
    sha256,
    chain_id: bundle.chain_id,
    sequence: bundle.sequence,
    previous_digest: bundle.previous_digest,
    key_id: bundle.key_id,
    check_id: bundle.check,
    outcome: bundle.outcome,
    order_id: bundle.order_id,
    started_at: Date.parse(bundle.timestamp_start),
    ended_at: Date.parse(bundle.timestamp_end),
    size,
    receipted: receipted ? 1 : 0,
  };
}
