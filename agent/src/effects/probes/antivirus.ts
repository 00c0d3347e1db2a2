import { digestFacts, type KnownDigest, REHASH_HOURS } from '../../core/antivirus/digests.ts';
import type { Executables, UnitExecutables } from '../../core/antivirus/facts.ts';
import type { AntivirusUnit } from '../../core/antivirus/section.ts';
import { Reading } from '../../core/reading.ts';
import { readUnitProcesses, type UnitProcesses } from '../../core/units/state.ts';
import { orUnseen } from '../../core/unseen.ts';
import { ABSOLUTE_PATH, UNIT_NAME } from '../../wire/patterns.ts';
import { failureAt } from '../host/failure.ts';
import { resolveInRoot } from '../host/resolve.ts';
import { openDigestCache } from './digest-cache.ts';
import { FileHashes } from './file-hashes.ts';
import { lookWith, type ProbeLook } from './index.ts';
import { processesOf, runningExecutables } from './processes.ts';

type Unit = Pick<AntivirusUnit, 'unit' | 'executable' | 'also_runs'>;

/**
 * Hashes what the antivirus units run: every program in each unit’s cgroup and the declared programs on disk. It needs
 * CAP_SYS_PTRACE to read /proc/PID/exe of others, CAP_DAC_READ_SEARCH to read the files.
 */
export async function probeAntivirus({
  root,
  section,
  signal,
  run,
  cacheDir,
}: ProbeLook): Promise<Executables> {
  const declared = readUnits(section).filter(({ executable }) => executable !== undefined);
  const processes = await readUnitProcesses(
    lookWith({ root, signal, run }),
    declared.map(({ unit }) => unit),
  );
  const rehashHours = readRehashHours(section);
  const cache = openDigestCache({ folder: cacheDir, rehashHours });
  const hashes = new FileHashes({ signal, cache });
  const found = declared.map((one, index) => lookAtUnit(one, processes[index], { root, hashes }));
  const units = await Promise.all(found);
  cache.save();
  return { units, rehash_hours: rehashHours };
}

function readRehashHours(section: unknown): number {
  const { least, most, default: otherwise } = REHASH_HOURS;
  const hours = new Reading(section, 'checks.antivirus').field('rehash_hours');
  return hours.or(otherwise, (given) => given.integer(least, most));
}

function readUnits(section: unknown): Unit[] {
  const units = new Reading(section, 'checks.antivirus').field('units');
  return units.or([], (given) =>
    given.list((unit) => ({
      unit: unit.field('unit').text(UNIT_NAME),
      executable: unit.field('executable').or(undefined, (path) => path.text(ABSOLUTE_PATH)),
      also_runs: unit.field('also_runs').or([], (paths) => paths.texts(ABSOLUTE_PATH)),
    })),
  );
}

async function lookAtUnit(
  { unit, executable = '', also_runs }: Unit,
  processes: UnitProcesses | undefined,
  { root, hashes }: { root: string; hashes: FileHashes },
): Promise<UnitExecutables> {
  const paths = [executable, ...also_runs];
  const onDisk = paths.map(async (path) => ({
    path,
    ...digestFacts(await orUnseen(hashInRoot(path, { root, hashes }))),
  }));
  return {
    unit,
    on_disk: await Promise.all(onDisk),
    running: await orUnseen(
      processesOf(processes, root).then((pids) => runningExecutables(pids, { paths, hashes })),
    ),
  };
}

async function hashInRoot(
  path: string,
  { root, hashes }: { root: string; hashes: FileHashes },
): Promise<KnownDigest> {
  try {
    return await hashes.of(await resolveInRoot({ root, path }));
  } catch (thrown) {
    throw failureAt(thrown, 'probe.antivirus', { path });
  }
}
