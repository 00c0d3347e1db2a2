import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFacts } from '../../core/antivirus/digests.ts';
import type { RunningExecutable } from '../../core/antivirus/facts.ts';
import type { UnitProcesses } from '../../core/units/state.ts';
import { isUnseen, orUnseen } from '../../core/unseen.ts';
import { failureAt } from '../host/failure.ts';
import { resolveInRoot } from '../host/resolve.ts';
import type { FileHashes } from './file-hashes.ts';

/**
 * The processes in a unit’s cgroup and the groups below it (cgroups(7)). Where no such group is mounted, as in a
 * simulated host, the unit’s main process alone; processes are always the machine’s own.
 */
export async function processesOf(
  unit: UnitProcesses | undefined,
  root: string,
): Promise<number[]> {
  if (unit === undefined) return [];
  const { controlGroup, mainPid } = unit;
  try {
    if (controlGroup === null) return mainPid === null ? [] : [mainPid];
    const path = join('/sys/fs/cgroup', controlGroup);
    return await processesBelow(await resolveInRoot({ root, path }));
  } catch (thrown) {
    const error = failureAt(thrown, 'probe.antivirus', { unit: unit.unit });
    if (error.failure.code === 'absent' && mainPid !== null) return [mainPid];
    throw error;
  }
}

async function processesBelow(group: string): Promise<number[]> {
  const text = await readFile(join(group, 'cgroup.procs'), 'utf8');
  const own = text.split('\n').filter(Boolean).map(Number);
  const entries = await readdir(group, { withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => processesBelow(join(group, entry.name)));
  return [...own, ...(await Promise.all(below)).flat()];
}

/** What some processes run, one entry a program, in the order of their hashes. */
export async function runningExecutables(
  pids: readonly number[],
  { paths, hashes }: { paths: readonly string[]; hashes: FileHashes },
): Promise<RunningExecutable[]> {
  const each = await Promise.all(pids.map((pid) => runningExecutable(pid, { paths, hashes })));
  const programs = new Map<string, RunningExecutable>();
  for (const one of each) {
    if (one === null) continue;
    const { hashed_at, ...program } = one;
    const key = JSON.stringify(program);
    const known = programs.get(key);
    const processes = (known?.processes ?? 0) + 1;
    programs.set(key, { ...earlier(one, known), processes });
  }
  return [...programs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** The same program in two files: what is told is when the first of them was hashed. */
function earlier(one: RunningExecutable, other = one): RunningExecutable {
  return (one.hashed_at ?? '') <= (other.hashed_at ?? '') ? one : other;
}

/** Null where the process has ended meanwhile. The kernel marks a path whose file is gone (proc_pid_exe(5)). */
async function runningExecutable(
  pid: number,
  { paths, hashes }: { paths: readonly string[]; hashes: FileHashes },
): Promise<RunningExecutable | null> {
  const exe = `/proc/${pid}/exe`;
  const link = await orUnseen(asking(() => readlink(exe)));
  if (typeof link === 'string') {
    const digest = await orUnseen(asking(() => hashes.of(exe)));
    if (isUnseen(digest) && digest.unseen.code === 'absent') return null;
    const path = link.replace(/ \(deleted\)$/, '');
    const declared = paths.includes(path) ? path : null;
    const deleted = path !== link;
    const in_store = path.startsWith('/nix/store/');
    return { ...digestFacts(digest), declared, in_store, deleted, processes: 1 };
  }
  if (link.unseen.code === 'absent') return null;
  return { sha256: link, declared: null, in_store: false, deleted: false, processes: 1 };
}

async function asking<T>(look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (thrown) {
    throw failureAt(thrown, 'probe.antivirus', {});
  }
}
