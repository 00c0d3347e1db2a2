import * as z from 'zod';
import { Executables, type UnitExecutables } from '../../core/antivirus/facts.ts';
import { AntivirusUnit } from '../../core/antivirus/section.ts';
import { readUnitProcesses, type UnitProcesses } from '../../core/units/state.ts';
import { orUnseen } from '../../core/unseen.ts';
import { failureAt } from '../host/failure.ts';
import { createHost } from '../host/index.ts';
import { resolveInRoot } from '../host/resolve.ts';
import { FileHashes } from './file-hashes.ts';
import type { ProbeLook } from './index.ts';
import { processesOf, runningExecutables } from './processes.ts';
import { parseSection } from './section.ts';

const Section = z.looseObject({ units: z.array(AntivirusUnit).default([]) });

/**
 * Hashes what the antivirus units run: every program in each unit’s cgroup and the declared programs on disk. It needs
 * CAP_SYS_PTRACE to read /proc/PID/exe of others, CAP_DAC_READ_SEARCH to read the files.
 */
export async function probeAntivirus({ root, section, signal }: ProbeLook): Promise<Executables> {
  const { units } = parseSection(Section, section, 'antivirus');
  const declared = units.filter(({ executable }) => executable !== undefined);
  const host = createHost({ root, runtimeDir: '/nonexistent', signal });
  const processes = await readUnitProcesses(
    host,
    declared.map(({ unit }) => unit),
  );
  const hashes = new FileHashes(signal);
  const found = declared.map((one, index) => lookAtUnit(one, processes[index], { root, hashes }));
  return Executables.parse({ units: await Promise.all(found) });
}

async function lookAtUnit(
  { unit, executable = '', also_runs }: AntivirusUnit,
  processes: UnitProcesses | undefined,
  { root, hashes }: { root: string; hashes: FileHashes },
): Promise<UnitExecutables> {
  const paths = [executable, ...also_runs];
  const onDisk = paths.map(async (path) => ({
    path,
    sha256: await orUnseen(hashInRoot(path, { root, hashes })),
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
): Promise<string> {
  try {
    return await hashes.of(await resolveInRoot({ root, path }));
  } catch (thrown) {
    throw failureAt(thrown, 'probe.antivirus', { path });
  }
}
