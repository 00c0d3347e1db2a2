import { rounds, startDaemon } from '../daemon.ts';
import { startIdle } from '../idle.ts';
import type { Measurement } from '../measurement.ts';
import { sleepsOf } from '../processes.ts';

const isRoot = process.getuid?.() === 0;
/** To a nanosecond: a tick of 10 ms is two and a half in a window of four cycles. */
const cpu = (pid: number) => sleepsOf(pid).cpuMs;

/** CPU of the daemon itself for one cycle; the privileged probes are processes of their own. */
export const residentCycle: Measurement = {
  name: 'resident cycle',
  unit: 'ms CPU',
  better: 'lower',
  floor: 'a resident Node that does nothing, as long',
  goal: '≤ 10 ms beyond floor',
  meets: ({ ours, floor }) => ours - floor <= 10,
  issue: 8,
  remains:
    'a third of it starts systemctl and chronyc, each from a copy of the daemon’s pages: by Varlink systemd (260) tells no service’s restarts nor its result; five sockets whose answers come one by one',
  unfair:
    'the probes and the tools’ own time are not in it: they are in the row of an hour; systemctl is a shell that prints an answer; cycles follow each other each second, so that caches are warm',
  async measure() {
    const idle = startIdle();
    const daemon = await startDaemon({ pollInterval: 1, realRoot: isRoot });
    try {
      await rounds(daemon, 12); // past what the first cycles and the first upload load, compile and leave to collect
      const samples = { ours: [] as number[], floor: [] as number[] };
      for (let sample = 0; sample < 5; sample += 1) {
        const before = { ours: cpu(daemon.pid), floor: cpu(idle.pid) };
        const done = await rounds(daemon, 4);
        samples.ours.push((cpu(daemon.pid) - before.ours) / done);
        samples.floor.push((cpu(idle.pid) - before.floor) / done);
      }
      return {
        ...samples,
        note: `${daemon.controls} controls, unchanged, so no bundle is written; ${isRoot ? 'the host is its real root' : 'not root: the host is a folder, whose paths are walked link by link'}`,
      };
    } finally {
      idle.end();
      await daemon.end();
    }
  },
};
