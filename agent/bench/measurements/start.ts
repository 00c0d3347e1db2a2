import { interleave, type Measurement } from '../measurement.ts';
import { AGENT_PROGRAM } from '../programs.ts';
import { cpuOf } from '../spawned.ts';

const bare = () => cpuOf(process.execPath, ['-e', '0']);

/** CPU of a start that only prints help. */
export const help: Measurement = {
  name: 'compliance-agent --help',
  unit: 'ms CPU',
  floor: 'node -e 0',
  goal: '≤ 1.2 × floor',
  meets: ({ ours, floor }) => ours <= 1.2 * floor,
  remains: 'Node’s own standard output, which node -e 0 does not open',
  measure: () =>
    interleave(21, {
      ours: () => cpuOf(process.execPath, [AGENT_PROGRAM, '--help']),
      floor: bare,
    }),
};
