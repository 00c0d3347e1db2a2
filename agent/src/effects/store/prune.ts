import { rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { eventDraft } from '../../core/draft.ts';
import type { Signer } from '../../core/ed25519.ts';
import { joinRanges } from '../../core/gaps.ts';
import { keptSince, mayPrune, rangeOf } from '../../core/retention.ts';
import type { HostContext } from '../../wire/evidence.ts';
import { MAX_PRUNED_RANGES, type PrunedRange } from '../../wire/lineage.ts';
import { appendBundle, type Writer } from './append.ts';
import { bundleFolder, changeOf, dayOf, names } from './folders.ts';
import type { BundleRow } from './rows.ts';

export type PruneOptions = {
  readonly now: Date;
  /** Setting `prune_retention_days`. */
  readonly days: number;
  /** Setting `evidence_retention`. */
  readonly newest: number;
  readonly context: HostContext;
};

/** How many bundles went, and whether as many again may follow at once. */
export type Pruned = { readonly pruned: number; readonly more: boolean };

/** One run takes no more, so that a long backlog is worked off night by night or call by call. */
const MOST = 5000;
/** Folders that are removed before other work gets its turn. */
const SLICE = 50;

/**
 * Removes what retention no longer asks for. First a chained bundle names the ranges, with the index in the same
 * commit; then the folders go. A crash in between leaves folders that the next start removes.
 */
export async function prune(
  writer: Writer,
  signer: Signer,
  options: PruneOptions,
): Promise<Pruned> {
  const rows = choose(writer, options);
  if (rows.length === 0) return { pruned: 0, more: false };
  record(writer, signer, { rows, options });
  await remove(writer, rows);
  return { pruned: rows.length, more: rows.length === MOST };
}

/** Oldest first, as far as the retention bundle’s ranges reach. */
function choose({ db, queueing }: Writer, { now, days, newest }: PruneOptions): BundleRow[] {
  const keptFrom = db
    .prepare<[number], { position: number }>(
      'SELECT position FROM bundle ORDER BY position DESC LIMIT 1 OFFSET ?',
    )
    .get(Math.max(1, newest) - 1)?.position;
  if (keptFrom === undefined) return [];
  const rule = { now, days, keptFrom, receipts: queueing };
  const chosen: BundleRow[] = [];
  const ranges = new Ranges(readPruned(db));
  const rows = db
    .prepare<[number], BundleRow>(
      'SELECT * FROM bundle WHERE ended_at < ? ORDER BY ended_at, position',
    )
    .iterate(keptSince(rule));
  for (const row of rows) {
    if (!mayPrune(row, rule)) continue;
    if (chosen.length === MOST || !ranges.take(row)) break;
    chosen.push(row);
  }
  return chosen;
}

/** Counts how many ranges the retention bundle would name. */
class Ranges {
  private count: number;
  private readonly ends: Set<string>;
  constructor(ranges: readonly PrunedRange[]) {
    this.count = ranges.length;
    this.ends = new Set(ranges.map(({ last_digest }) => last_digest));
  }

  take({ previous_digest, sha256 }: BundleRow): boolean {
    if (!this.ends.delete(previous_digest)) this.count += 1;
    this.ends.add(sha256);
    return this.count <= MAX_PRUNED_RANGES;
  }
}

function readPruned(db: Writer['db']): PrunedRange[] {
  return db
    .prepare<[], PrunedRange>(
      `SELECT chain_id, first_sequence, last_sequence, last_sequence - first_sequence + 1 AS count,
        preceding_digest, last_digest FROM pruned`,
    )
    .all();
}

function record(
  writer: Writer,
  signer: Signer,
  { rows, options: { now, context } }: { rows: readonly BundleRow[]; options: PruneOptions },
): void {
  const { db } = writer;
  const pruned = joinRanges([...readPruned(db), ...rows.map(rangeOf)]);
  const draft = eventDraft({
    check: 'retention',
    at: now,
    controls: ['164.316(b)(2)(i)'],
    post: { pruned },
  });
  appendBundle(writer, { draft, context, signer, also: () => forget(writer, { rows, pruned }) });
}

/** The index as it is after pruning; the days in question are looked into again if the removal is cut. */
function forget(
  { db, rows: index }: Writer,
  { rows, pruned }: { rows: readonly BundleRow[]; pruned: readonly PrunedRange[] },
): void {
  const removeBundle = db.prepare('DELETE FROM bundle WHERE position = ?');
  const removeEntry = db.prepare('DELETE FROM queue WHERE position = ?');
  const removeNotice = db.prepare('DELETE FROM outbox WHERE position = ?');
  for (const { position, ended_at } of rows) {
    removeBundle.run(position);
    removeEntry.run(position);
    removeNotice.run(position);
    index.setFolder(dayOf(ended_at), '');
  }
  db.prepare("UPDATE tally SET value = value + ? WHERE name = 'pruned'").run(rows.length);
  db.exec('DELETE FROM pruned');
  for (const range of pruned) index.insertPruned(range);
}

async function remove(
  { paths, rows: index, db }: Writer,
  rows: readonly BundleRow[],
): Promise<void> {
  for (const [at, { ended_at, bundle_id }] of rows.entries()) {
    rmSync(bundleFolder(paths.evidence, { endedAt: ended_at, bundleId: bundle_id }), {
      recursive: true,
      force: true,
    });
    if (at % SLICE === SLICE - 1) await breathe();
  }
  for (const day of new Set(rows.map(({ ended_at }) => dayOf(ended_at)))) {
    const folder = join(paths.evidence, day);
    removeEmpty(paths.evidence, folder);
    if (changeOf(folder) !== '0') index.setFolder(day, changeOf(folder));
    else db.prepare('DELETE FROM folder WHERE day = ?').run(day);
  }
}

/** Takes away a day’s folder, and its month’s and year’s, where nothing is left in it. */
function removeEmpty(root: string, folder: string): void {
  if (folder === root || names(folder, /./).length > 0) return;
  try {
    rmdirSync(folder);
  } catch {
    return; // something came into it: it stays
  }
  removeEmpty(root, dirname(folder));
}
