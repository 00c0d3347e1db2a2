import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Verifier } from '../../core/ed25519.ts';
import { syncFolder } from '../durable.ts';
import { adoptOrphans, type Orphan, readOrphan } from './adopt.ts';
import type { Writer } from './append.ts';
import { changeOf, FOLDER_MODE, type Layout, listDays, names } from './folders.ts';

/** What a start found that the index did not know, by bundle id. */
export type Reconciliation = {
  /** Written whole before a crash cut the commit: now in the index. */
  readonly adopted: readonly string[];
  /** Does not verify, or does not continue the chain: moved to `set-apart/`. */
  readonly setApart: readonly string[];
  /** In the index, and its folder is gone. */
  readonly missing: readonly string[];
};

type Place = { readonly day: string; readonly name: string };

/**
 * Brings index and folders together, under the writer’s lock and before anything new is written. Only days whose
 * folder changed since the index last saw it are looked into, so that a start is quick with millions of bundles.
 */
export function reconcile(writer: Writer, verifiers: readonly Verifier[]): Reconciliation {
  const { paths, rows } = writer;
  prepareFolders(paths);
  writer.unsynced.restore();
  const days = changedDays(writer);
  const strays: Place[] = [];
  const missing: string[] = [];
  for (const day of days) {
    const indexed = namesInIndex(writer, day);
    const found = names(join(paths.evidence, day), /^[^.]/);
    for (const name of found) if (!indexed.delete(name)) strays.push({ day, name });
    missing.push(...indexed);
  }

  const orphans = strays.map((place): Place & { orphan: Orphan | null } => ({
    ...place,
    orphan: readOrphan(join(paths.evidence, place.day, place.name), place.name, verifiers),
  }));
  const adopted = new Set(
    adoptOrphans(
      writer,
      orphans.flatMap(({ orphan }) => orphan ?? []),
    ),
  );
  const setApart: string[] = [];
  for (const { day, name, orphan } of orphans.filter(({ name }) => !adopted.has(name))) {
    if (orphan === null ? isEmpty(paths, { day, name }) : wasPruned(writer, orphan))
      remove(paths, { day, name });
    else {
      moveApart(paths, { day, name });
      setApart.push(name);
    }
  }
  for (const day of days) rows.setFolder(day, changeOf(join(paths.evidence, day)));
  return { adopted: [...adopted], setApart, missing };
}

function prepareFolders({ stateDir, evidence, incoming }: Layout): void {
  rmSync(incoming, { recursive: true, force: true });
  for (const folder of [evidence, incoming])
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  syncFolder(stateDir);
}

function changedDays({ db, paths }: Writer): string[] {
  const seen = db
    .prepare<[], { day: string; mtime_ns: string }>('SELECT day, mtime_ns FROM folder')
    .all();
  const known = new Map(seen.map(({ day, mtime_ns }) => [day, mtime_ns]));
  const all = new Set([...listDays(paths.evidence), ...known.keys()]);
  return [...all].filter((day) => known.get(day) !== changeOf(join(paths.evidence, day)));
}

function namesInIndex({ db }: Writer, day: string): Set<string> {
  const from = Date.parse(`${day.replaceAll('/', '-')}T00:00:00.000Z`);
  const found = db
    .prepare<[number, number], { bundle_id: string }>(
      'SELECT bundle_id FROM bundle WHERE ended_at >= ? AND ended_at < ?',
    )
    .all(from, from + 86_400_000);
  return new Set(found.map(({ bundle_id }) => bundle_id));
}

/** A retention bundle names it already: the pruning was cut between the record and the removal. */
function wasPruned({ db }: Writer, { row }: Orphan): boolean {
  const covering = db.prepare(
    'SELECT 1 FROM pruned WHERE chain_id = ? AND ? BETWEEN first_sequence AND last_sequence',
  );
  return covering.get(row.chain_id, row.sequence) !== undefined;
}

/** A power cut took the contents of a file and cut its commit too: nobody was told of it, and nothing is in it. */
function isEmpty({ evidence }: Layout, { day, name }: Place): boolean {
  const file = join(evidence, day, name, 'bundle.json');
  return existsSync(file) && statSync(file).size === 0;
}

function remove({ evidence }: Layout, { day, name }: Place): void {
  rmSync(join(evidence, day, name), { recursive: true, force: true });
}

function moveApart({ evidence, setApart }: Layout, { day, name }: Place): void {
  mkdirSync(setApart, { recursive: true, mode: FOLDER_MODE });
  const target = join(setApart, name);
  rmSync(target, { recursive: true, force: true });
  renameSync(join(evidence, day, name), target);
  syncFolder(join(evidence, day));
  syncFolder(setApart);
}
