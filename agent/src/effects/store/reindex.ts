import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nextKeyId } from '../../core/chain.ts';
import type { PrunedRange } from '../../wire/lineage.ts';
import { syncFolder } from '../durable.ts';
import type { FolderFault } from '../verify/faults.ts';
import { chainEntryOf } from '../verify/runs.ts';
import { scanEvidence } from '../verify/scan.ts';
import { openScratch, type Scratch } from '../verify/scratch.ts';
import { guarded } from './failures.ts';
import { changeOf, type Layout, layout, listDays } from './folders.ts';
import { takeLock } from './lock.ts';
import { prepareRows } from './rows.ts';
import { type Db, openDatabase } from './schema.ts';
import { restoreFrom } from './unsynced.ts';
import { readWaitingNotices, writeWaitingNotices } from './waiting-notices.ts';

export type Reindexed = {
  readonly bundles: number;
  /** What lies in the folder and could not be indexed: it stays where it is. */
  readonly faults: readonly FolderFault[];
  /** Notices that still wait for a receiver; null where the old index could not be read, so that they are lost. */
  readonly notices: number | null;
};

type Options = {
  readonly stateDir: string;
  /** Keys that the bundles were signed with, 32 raw bytes each; those that key bundles name are learned. */
  readonly publicKeys: readonly Uint8Array[];
  readonly progress?: (step: { found?: number; done?: number }) => void;
};

/** Makes the index anew from the folders alone, under the writer’s lock. Throws `busy` where the agent runs. */
export function reindex(options: Options): Reindexed {
  return guarded('store', () => {
    const lock = takeLock(options.stateDir);
    try {
      return rebuildIndex(options);
    } finally {
      lock.release();
    }
  });
}

/** As `reindex`, for one who holds the lock: the new index takes the old one’s place only when it is whole. */
export function rebuildIndex(options: Options): Reindexed {
  const paths = layout(options.stateDir);
  restoreFrom(paths);
  const fresh = `${paths.database}.new`;
  removeDatabase(fresh);
  try {
    const done = writeIndex(fresh, paths, options);
    removeDatabase(paths.database);
    renameSync(fresh, paths.database);
    syncFolder(options.stateDir);
    return done;
  } catch (error) {
    removeDatabase(fresh);
    throw error;
  }
}

function writeIndex(file: string, paths: Layout, { publicKeys, progress }: Options): Reindexed {
  const scratch = openScratch();
  const db = openDatabase(file);
  try {
    const { faults } = scanEvidence(paths.evidence, {
      publicKeys,
      scratch,
      ...(progress && { progress }),
    });
    const waiting = readWaitingNotices(paths.database);
    const [bundles, notices] = db.transaction(
      () =>
        [
          fill(db, paths, scratch),
          waiting === null ? null : writeWaitingNotices(db, waiting),
        ] as const,
    )();
    return { bundles, faults, notices };
  } finally {
    db.close(); // the last connection moves the write-ahead log into the file
    scratch.close();
  }
}

function fill(db: Db, paths: Layout, scratch: Scratch): number {
  const rows = prepareRows(db);
  let bundles = 0;
  let uploaded = 0;
  let pruned: readonly PrunedRange[] = [];
  for (const seen of scratch.inChainOrder()) {
    const { row, event } = seen;
    if (rows.has(row.chain_id, row.sequence)) continue; // a fork or a copy: `evidence verify` names it
    rows.insert(row);
    bundles += 1;
    uploaded += row.receipted;
    if (event?.kind === 'retention') pruned = event.post_state.pruned;
    const { chain_id, sequence, sha256: digest } = row;
    rows.setHead({ chain_id, sequence, digest, key_id: nextKeyId(chainEntryOf(seen)) });
  }
  for (const range of pruned) rows.insertPruned(range);
  const gone = pruned.reduce((sum, { count }) => sum + count, 0);
  db.prepare("UPDATE tally SET value = ? WHERE name = 'uploaded'").run(uploaded);
  db.prepare("UPDATE tally SET value = ? WHERE name = 'pruned'").run(gone);
  for (const day of listDays(paths.evidence))
    rows.setFolder(day, changeOf(join(paths.evidence, day)));
  return bundles;
}

function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}
