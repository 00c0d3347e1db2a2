import { type RunningDaemon, rounds, startDaemon } from '../daemon.ts';
import { type Grow, withTables, withUnits } from '../grown.ts';
import type { Measurement, Samples } from '../measurement.ts';
import { cpuMsOf } from '../processes.ts';
import { median } from '../statistics.ts';

const isRoot = process.getuid?.() === 0;
const SAMPLES = 4;
/** Cycles of each daemon in a window, at the least. */
const ROUNDS = 3;

const shared = { better: 'lower', goal: null, meets: null } as const;

/** A whole cycle of the daemon where much is watched. */
export const cycleOfUnits: Measurement = {
  ...shared,
  name: 'cycle of a host with 160 units',
  unit: 'ms CPU of the agent',
  floor: 'with 10 units',
  remains: 'a hundred backup status files, read and held to their schema, and 150 states',
  unfair:
    'a baseline holds 160 units at the most (16 of the antivirus, 16 of the logging, 64 backups with a timer each); the tool is a shell that prints an answer; the probes are not in it',
  measure: () =>
    sideBySide({
      ours: withUnits({ services: 15, jobs: 63 }),
      floor: withUnits({ services: 0, jobs: 3 }),
      count: ({ pid }) => cpuMsOf(pid),
    }),
};

/** The same with its probes, as nft and the probe list what the daemon compares. */
export const cycleOfTables: Measurement = {
  ...shared,
  name: 'cycle of a host with 100 tables, with its probes',
  unit: 'ms CPU',
  floor: 'with 10 tables',
  remains: 'nft, which lists all tables as JSON, and the probe that finds the declared ones in it',
  unfair:
    '100 and not 1,000, as nft lists them in the square of their number, 1,000 in 45 s of CPU: there the probe’s time ends and the verdict is unknown; a baseline holds 64 tables, the others are foreign to it and told by name; the floor is ours too',
  async measure() {
    const own: number[] = [];
    const samples = await sideBySide({
      ours: withTables(100),
      floor: withTables(10),
      count: ({ pid, socketsPid }) => cpuMsOf(pid) + cpuMsOf(socketsPid, { withChildren: true }),
      beside: ({ pid }) => cpuMsOf(pid),
      own,
    });
    return { ...samples, note: `the daemon’s own part: ${median(own).toFixed(1)} ms` };
  },
};

/** Two daemons go round each second at the same time; CPU of a cycle of each in the same windows. */
async function sideBySide({
  ours,
  floor,
  count,
  beside = () => 0,
  own = [],
}: {
  ours: Grow;
  floor: Grow;
  count: (daemon: RunningDaemon) => number;
  /** Of ours, also counted, into `own`. */
  beside?: (daemon: RunningDaemon) => number;
  own?: number[];
}): Promise<Samples> {
  const daemons: RunningDaemon[] = [];
  const goRound = () => Promise.all(daemons.map((daemon) => rounds(daemon, ROUNDS)));
  try {
    for (const grow of [ours, floor])
      daemons.push(await startDaemon({ pollInterval: 1, realRoot: isRoot, grow }));
    const samples = { ours: [] as number[], floor: [] as number[] };
    await goRound(); // past what the first cycles load and compile
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const before = daemons.map((daemon) => [daemon.loops(), count(daemon), beside(daemon)]);
      await goRound();
      for (const [at, side] of [samples.ours, samples.floor].entries()) {
        const daemon = daemons[at];
        const [loops = 0, counted = 0, alone = 0] = before[at] ?? [];
        if (daemon === undefined) continue;
        const done = daemon.loops() - loops;
        side.push((count(daemon) - counted) / done);
        if (at === 0) own.push((beside(daemon) - alone) / done);
      }
    }
    return samples;
  } finally {
    for (const daemon of daemons) await daemon.end();
  }
}
