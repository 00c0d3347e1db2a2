import { interleave, type Measurement } from '../measurement.ts';
import { AGENT_PROGRAM } from '../programs.ts';
import { cpuOf } from '../spawned.ts';

/** CPU of a start that only prints help: what every command pays before its own work. */
export const start: Measurement = {
  name: 'compliance-agent --help',
  unit: 'ms CPU',
  floor: 'node -e 0',
  goal: '≤ 1.5 × floor',
  meets: ({ ours, floor }) => ours <= 1.5 * floor,
  measure: () =>
    interleave(21, {
      ours: () => cpuOf(process.execPath, [AGENT_PROGRAM, '--help']),
      floor: () => cpuOf(process.execPath, ['-e', '0']),
    }),
};
