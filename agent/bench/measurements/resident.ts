import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMsOf, residentMiB, rounds, startDaemon } from '../daemon.ts';
import type { Measurement } from '../measurement.ts';

/** CPU of the daemon itself for one cycle; the privileged probes are processes of their own. */
export const residentCycle: Measurement = {
  name: 'resident cycle',
  unit: 'ms CPU',
  floor: 'a resident Node that does nothing, as long',
  goal: '≤ 10 ms beyond floor',
  meets: ({ ours, floor }) => ours - floor <= 10,
  remains:
    'the start of one systemctl, four sockets, and that a path below another root is walked link by link, which the kernel does on a real one',
  async measure() {
    const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
    });
    const daemon = await startDaemon({ pollInterval: 1 });
    try {
      await rounds(daemon, 3); // past what the first cycles load and compile
      const samples = { ours: [] as number[], floor: [] as number[] };
      for (let sample = 0; sample < 5; sample += 1) {
        const before = { ours: cpuMsOf(daemon.pid), floor: cpuMsOf(idle.pid ?? 0) };
        const done = await rounds(daemon, 4);
        samples.ours.push((cpuMsOf(daemon.pid) - before.ours) / done);
        samples.floor.push((cpuMsOf(idle.pid ?? 0) - before.floor) / done);
      }
      return {
        ...samples,
        note: `${daemon.controls} controls, unchanged, so no bundle is written`,
      };
    } finally {
      idle.kill();
      await daemon.end();
    }
  },
};

/** Memory of the daemon between two cycles. */
export const idleMemory: Measurement = {
  name: 'idle memory',
  unit: 'MiB resident',
  floor: 'a resident Node that does nothing',
  goal: '≤ 50 MiB',
  meets: ({ ours }) => ours <= 50,
  remains:
    'schemas 5 MiB, TLS and HTTP 4, SQLite 4, pages of Node’s own program that a busy agent has touched 6',
  async measure() {
    const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
    });
    const daemon = await startDaemon({ pollInterval: 300 });
    try {
      const samples = { ours: [] as number[], floor: [] as number[] };
      for (let sample = 0; sample < 5; sample += 1) {
        await sleep(1000);
        samples.ours.push(residentMiB(daemon.pid));
        samples.floor.push(residentMiB(idle.pid ?? 0));
      }
      return samples;
    } finally {
      idle.kill();
      await daemon.end();
    }
  },
};
