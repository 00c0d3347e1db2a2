import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly virtual: boolean;
  readonly memory_gib: number;
  readonly system: string;
  readonly kernel: string;
  readonly node: string;
  /** What holds the files that are measured, as /proc/mounts calls it. */
  readonly file_system: string;
  /** Processes that wanted a core in the minute before the run. */
  readonly load: number;
  /** Debian’s packages of the peers that are installed, each with its version. */
  readonly peers: readonly string[];
  readonly peers_left_out: readonly string[];
};

/** The machine as it stands; `folder` is where the measurements write. */
export function describeMachine({
  folder,
  packages,
  load,
}: {
  folder: string;
  packages: readonly string[];
  load: number;
}): Machine {
  const versions = packages.map((name) => [name, versionOf(name)] as const);
  const system = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    virtual: / hypervisor /.test(readFileSync('/proc/cpuinfo', 'utf8')),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: system ?? 'unknown',
    kernel: release(),
    node: process.version,
    file_system: fileSystemOf(folder, readFileSync('/proc/mounts', 'utf8')),
    load,
    peers: versions.flatMap(([name, version]) => (version === null ? [] : `${name} ${version}`)),
    peers_left_out: versions.flatMap(([name, version]) => (version === null ? name : [])),
  };
}

/** The type of the file system with the longest mount point above a folder. */
export function fileSystemOf(folder: string, mounts: string): string {
  const above = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, point = '?']) => `${folder}/`.startsWith(point === '/' ? '/' : `${point}/`))
    .sort(([, a = ''], [, b = '']) => b.length - a.length);
  return above[0]?.[2] ?? 'unknown';
}

/** The version of an installed package; null where it is not, or where there is no Debian. */
function versionOf(name: string): string | null {
  try {
    const told = execFileSync('dpkg', ['--status', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const installed = /^Status: install ok installed$/m.test(told);
    return installed ? (/^Version: (.+)$/m.exec(told)?.[1] ?? null) : null;
  } catch {
    return null;
  }
}

/** Above this something else ran beside the measurements. */
const QUIET = 0.5;
export const isQuiet = ({ load }: Machine): boolean => load <= QUIET;

export function machineText(machine: Machine): string {
  const { cpu, cores, memory_gib, system, kernel, node, file_system, load } = machine;
  const kind = machine.virtual ? ' of a virtual machine' : '';
  return `${cpu}, ${cores} cores${kind}, ${memory_gib} GiB, ${file_system}, ${system}, Linux ${kernel}, Node ${node}; load ${load.toFixed(2)} before`;
}
