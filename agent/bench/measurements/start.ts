import { startDaemon } from '../daemon.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { AGENT_PROGRAM } from '../programs.ts';
import { cpuOf } from '../spawned.ts';

const ROUNDS = 21;
const bare = () => cpuOf(process.execPath, ['-e', '0']);
const ours = (...args: string[]) => cpuOf(process.execPath, [AGENT_PROGRAM, ...args]);

const shared = {
  unit: 'ms CPU',
  better: 'lower',
  floor: 'node -e 0',
  goal: '≤ 1.2 × floor',
  meets: ({ ours, floor }: { ours: number; floor: number }) => ours <= 1.2 * floor,
  issue: 8,
} as const;

/** CPU of a start that only prints help. */
export const help: Measurement = {
  ...shared,
  name: 'compliance-agent --help',
  remains: 'the file that starts, and the help, read and written',
  unfair: 'files in the page cache and code compiled before, as at every start but the first',
  measure: () => interleave(ROUNDS, { ours: () => ours('--help'), floor: bare }),
};

/** CPU of a start that asks a running daemon how it is. */
export const status: Measurement = {
  ...shared,
  name: 'compliance-agent status',
  remains: 'two files of ours, the settings, and one question over a socket',
  unfair:
    'as for --help; the daemon is the demo’s, with a few bundles, and its own part of the answer is not counted; all settings are in the file, as on NixOS: with variables beside it, or where no daemon runs, it costs what check does',
  async measure() {
    const daemon = await startDaemon({ pollInterval: 300 });
    try {
      const command = () => ours('status', '--config', daemon.config);
      return await interleave(ROUNDS, { ours: command, floor: bare });
    } finally {
      await daemon.end();
    }
  },
};
