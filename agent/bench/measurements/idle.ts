import type { Measurement, Samples } from '../measurement.ts';
import { median } from '../statistics.ts';
import { type Busy, type Idle, type Sides, WINDOW_MS, watchCycles, watchIdle } from '../watch.ts';

const CYCLES_AN_HOUR = 12; // poll_interval is 300 s unless it is set
let watched: Promise<Sides<Idle>> | undefined;
let cycled: Promise<Busy> | undefined;

/** The rows below share what was watched. */
async function samplesOf(figure: keyof Idle): Promise<Samples> {
  watched ??= watchIdle();
  const { ours, floor, ...peers } = await watched;
  const others = Object.entries(peers).map(([name, side]) => [name, side[figure]]);
  return {
    ours: ours?.[figure] ?? [],
    floor: floor?.[figure] ?? [],
    peers: Object.fromEntries(others),
    note: `extrapolated from windows of ${WINDOW_MS / 1000} s without a cycle in them`,
  };
}

const shared = { better: 'lower', floor: 'a resident Node that does nothing' } as const;

/** Memory of the daemon between two cycles. */
export const idleMemory: Measurement = {
  ...shared,
  name: 'daemon idle, memory',
  unit: 'MiB resident',
  goal: '≤ 50 MiB',
  meets: ({ ours }) => ours <= 50,
  issue: 8,
  remains:
    'our code and what it holds 4 MiB, SQLite 3, pages of Node’s own program that a busy agent has touched 5; 9 more while a server is there, for TLS and HTTP',
  unfair:
    'after its first cycle: what later cycles leave stays until V8 collects it, up to 6 MiB over some hundred cycles; of the two processes of cfengine what they share is counted once; what our probes take while they run is no part of it, nor what cf-agent takes',
  measure: async () => ({ ...(await samplesOf('memory')), note: '' }),
};

/** Memory of the daemon at its peak, with a cycle each second. */
export const busyMemory: Measurement = {
  ...shared,
  name: 'daemon busy, memory',
  unit: 'MiB at the peak',
  goal: null,
  meets: null,
  remains: 'what the daemon has idle, and a young generation of V8’s heap',
  unfair:
    'a cycle each second, which no host asks for; nothing drifts, so no remedy runs; probes are processes of their own',
  async measure() {
    cycled ??= watchCycles();
    const { memory } = await cycled;
    return { ours: memory, floor: (await samplesOf('memory')).floor };
  },
};

/** How often its threads go to sleep, which is as often as they were woken. */
export const idleWakeUps: Measurement = {
  ...shared,
  name: 'daemon idle, wake-ups',
  unit: 'an hour',
  goal: null,
  meets: null,
  remains: 'timers of the daemon and the retries of an upload to a server that is out of reach',
  unfair:
    'voluntary context switches, of which one wake-up may make several; no server answers: seen in the first minute, and the retries grow rarer',
  measure: () => samplesOf('sleeps'),
};

/** What a host pays for an hour of it: twelve cycles with their probes, and the time between them. */
export const hourCpu: Measurement = {
  ...shared,
  name: 'daemon, CPU of an hour with twelve cycles',
  unit: 's CPU',
  goal: null,
  meets: null,
  remains:
    'five probes a cycle that are each a Node of their own, as each holds a privilege of its own',
  unfair:
    'extrapolated: idle windows of the first minute, and cycles that follow each other each second; nothing large is hashed; peers are not in it, as their cycles are the rows of the one-shot check',
  async measure() {
    const { ours, floor } = await samplesOf('cpu');
    cycled ??= watchCycles();
    const { cpu: cycles } = await cycled;
    const idle = median(ours);
    return {
      ours: cycles.map((cycle) => idle + CYCLES_AN_HOUR * cycle),
      floor,
      note: `extrapolated: ${idle.toFixed(2)} s between cycles, and twelve cycles of ${median(cycles).toFixed(2)} s`,
    };
  },
};
