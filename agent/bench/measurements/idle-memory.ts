import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { benchClinic } from '../clinic.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { AGENT_PROGRAM } from '../programs.ts';

/** Resident memory of the daemon some cycles after its start, while it waits for the next. */
export const idleMemory: Measurement = {
  name: 'resident memory of the idle daemon',
  unit: 'MiB',
  floor: 'node with a timer',
  goal: '≤ 1.6 × floor (60 where bare Node has 37.5)',
  meets: ({ ours, floor }) => ours <= 1.6 * floor,
  async measure() {
    const { root, config, remove } = benchClinic({ pollInterval: 1 });
    try {
      return await interleave(5, {
        ours: () => residentAfter(5000, [AGENT_PROGRAM, 'run', '--config', config, '--root', root]),
        floor: () => residentAfter(500, ['-e', 'setInterval(() => {}, 1000)']),
      });
    } finally {
      remove();
    }
  },
};

async function residentAfter(milliseconds: number, args: string[]): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, args, { stdio: 'ignore' });
  await pause(milliseconds);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  child.kill('SIGTERM');
  await once(child, 'exit');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
