import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageVersion } from './peers/install.ts';

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
  /** The most of its cores’ time, in percent, that others took while the run paused before its parts. */
  readonly busy: number;
  /** Debian’s packages of the peers that are installed, each with its version. */
  readonly peers: readonly string[];
  readonly peers_left_out: readonly string[];
};

/** The machine as it stands; `folder` is where the measurements write. */
export function describeMachine({
  folder,
  packages,
}: {
  folder: string;
  packages: readonly string[];
}): Omit<Machine, 'busy'> {
  const versions = packages.map((name) => [name, packageVersion(name)] as const);
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

/** Percent of the cores’ time that is not idle over so many milliseconds, in which the caller does nothing. */
export async function busyPercent(ms: number): Promise<number> {
  const before = coreTimes(readFileSync('/proc/stat', 'utf8'));
  await sleep(ms);
  const after = coreTimes(readFileSync('/proc/stat', 'utf8'));
  return 100 * (1 - (after.idle - before.idle) / (after.all - before.all));
}

/** proc_stat(5): ticks of all cores; those of a guest are in the user’s, those that a host took are not idle. */
export function coreTimes(stat: string): { idle: number; all: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  return { idle: idle + wait, all: user + nice + system + idle + wait + irq + soft + steal };
}

/** Above this something else ran beside the measurements. */
const QUIET_PERCENT = 10;
export const isQuiet = ({ busy }: Machine): boolean => busy <= QUIET_PERCENT;

export function machineText(machine: Machine): string {
  const { cpu, cores, memory_gib, system, kernel, node, file_system, busy } = machine;
  const kind = machine.virtual ? ' of a virtual machine' : '';
  return `${cpu}, ${cores} cores${kind}, ${memory_gib} GiB, ${file_system}, ${system}, Linux ${kernel}, Node ${node}; others took up to ${Math.ceil(busy)} % of its cores`;
}
