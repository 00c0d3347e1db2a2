import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningDaemon, rounds, startDaemon } from './daemon.ts';
import { startIdle } from './idle.ts';
import { type Resident, startResidents } from './peers/residents.ts';
import { writeSubject } from './peers/subject.ts';
import { cpuMsOf, peakMiB, proportionalMiB, residentMiB, sleepsOf } from './processes.ts';
import { WORK } from './programs.ts';

/** What one program did in each window: MiB at its end, and how often it slept and seconds of CPU, extrapolated to an hour. */
export type Idle = { memory: number[]; sleeps: number[]; cpu: number[] };
export type Sides<T> = Readonly<Record<string, T>>;

const WINDOWS = 5;
export const WINDOW_MS = 8000;

/** The daemon between two cycles, a bare Node and the resident peers, all at once over the same windows. */
export async function watchIdle(): Promise<Sides<Idle>> {
  const folder = mkdtempSync(join(WORK, 'bench-'));
  const floor = startIdle();
  let daemon: RunningDaemon | undefined;
  let residents: Resident[] = [];
  try {
    daemon = await startDaemon({ pollInterval: 300 });
    const { service, enter } = daemon;
    const mib = { binary: 1, backup: 1 };
    residents = startResidents(writeSubject({ folder, service, enter, mib }));
    const programs: { name: string; pids: readonly number[] }[] = [
      { name: 'ours', pids: [daemon.pid] },
      { name: 'floor', pids: [floor.pid] },
      ...residents,
    ];
    const sides: Record<string, Idle> = {};
    for (const { name } of programs) sides[name] = { memory: [], sleeps: [], cpu: [] };
    await sleep(WINDOW_MS); // past their first cycle
    for (let window = 0; window < WINDOWS; window += 1) {
      const before = programs.map(({ pids }) => totals(pids));
      const begun = performance.now();
      await sleep(WINDOW_MS);
      const hours = (performance.now() - begun) / 3_600_000;
      for (const [index, { name, pids }] of programs.entries()) {
        const [now, then, side] = [totals(pids), before[index], sides[name]];
        if (then === undefined || side === undefined) continue;
        side.memory.push(memoryOf(pids));
        side.sleeps.push((now.sleeps - then.sleeps) / hours);
        side.cpu.push((now.cpuMs - then.cpuMs) / 1000 / hours);
      }
    }
    return sides;
  } finally {
    floor.end();
    for (const resident of residents) resident.end();
    await daemon?.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of CPU of a cycle with the probes that it starts, and MiB at the daemon’s own peak, after rounds of cycles. */
export type Busy = { cpu: number[]; memory: number[] };

export async function watchCycles(): Promise<Busy> {
  const daemon = await startDaemon({ pollInterval: 1 });
  try {
    await rounds(daemon, 3); // past what the first cycles load and compile
    const cpu = () => cpuMsOf(daemon.pid) + cpuMsOf(daemon.socketsPid, { withChildren: true });
    const samples: Busy = { cpu: [], memory: [] };
    for (let sample = 0; sample < 5; sample += 1) {
      const before = cpu();
      const done = await rounds(daemon, 3);
      samples.cpu.push((cpu() - before) / 1000 / done);
      samples.memory.push(peakMiB(daemon.pid));
    }
    return samples;
  } finally {
    await daemon.end();
  }
}

function totals(pids: readonly number[]) {
  const each = pids.map(sleepsOf);
  const sum = (field: 'sleeps' | 'cpuMs') => each.reduce((total, one) => total + one[field], 0);
  return { sleeps: sum('sleeps'), cpuMs: sum('cpuMs') };
}

/** Of several processes what they share counts once. */
function memoryOf(pids: readonly number[]): number {
  const [only = 0, ...more] = pids;
  if (more.length === 0) return residentMiB(only);
  return pids.reduce((sum, pid) => sum + proportionalMiB(pid), 0);
}
