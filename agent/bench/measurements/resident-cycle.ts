import { openAgent } from '../../src/agent/agent.ts';
import { loadConfig } from '../../src/agent/config.ts';
import { benchClinic } from '../clinic.ts';
import { interleave, type Measurement } from '../measurement.ts';

/** CPU of a cycle that finds nothing new, so that nothing is hashed and signed, in a process that has run a while. */
export const residentCycle: Measurement = {
  name: 'resident cycle, nothing new',
  unit: 'ms CPU',
  floor: 'an empty turn of the event loop',
  goal: '≤ 25 ms',
  meets: ({ ours }) => ours <= 25,
  async measure() {
    const { root, config: file, remove } = benchClinic({ pollInterval: 1 });
    const config = await loadConfig({ file, env: {}, now: new Date() });
    const agent = openAgent({ config, root });
    try {
      for (let warm = 0; warm < 10; warm += 1) await agent.cycle();
      const samples = await interleave(51, {
        ours: () => cpuOfTurn(() => agent.cycle()),
        floor: () => cpuOfTurn(async () => {}),
      });
      return { ...samples, note: 'encryption and patching look; four checks have no section' };
    } finally {
      agent.close();
      remove();
    }
  },
};

async function cpuOfTurn(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  await new Promise((resolve) => setImmediate(resolve));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
