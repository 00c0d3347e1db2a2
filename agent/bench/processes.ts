import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU milliseconds of a process so far, with its ended children where asked (proc_pid_stat(5): utime, stime, cutime and
 * cstime in ticks of 10 ms).
 */
export function cpuMsOf(pid: number, { withChildren = false } = {}): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, withChildren ? 15 : 13);
  return fields.reduce((sum, field) => sum + Number(field), 0) * 10;
}

/** Resident memory of a process in MiB (proc_pid_status(5), VmRSS). */
export function residentMiB(pid: number): number {
  return kib(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m) / 1024;
}

/** The most that it ever was (VmHWM). */
export function peakMiB(pid: number): number {
  return kib(`/proc/${pid}/status`, /^VmHWM:\s+(\d+) kB/m) / 1024;
}

/** Memory of a process in MiB, a page that several share counted in equal parts (proc_pid_smaps_rollup(5), Pss). */
export function proportionalMiB(pid: number): number {
  return kib(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m) / 1024;
}

const kib = (file: string, field: RegExp) => Number(field.exec(readFileSync(file, 'utf8'))?.[1]);

/** How often the threads of a process have gone to sleep, and the milliseconds that they ran, to a nanosecond. */
export function sleepsOf(pid: number): { sleeps: number; cpuMs: number } {
  let [sleeps, cpuMs] = [0, 0];
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const read = (file: string) => readFileSync(`/proc/${pid}/task/${thread}/${file}`, 'utf8');
    sleeps += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read('status'))?.[1]);
    cpuMs += Number(read('schedstat').split(' ')[0]) / 1e6;
  }
  return { sleeps, cpuMs };
}
