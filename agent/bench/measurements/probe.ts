import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { interleave, type Measurement } from '../measurement.ts';
import { AGENT_PROGRAM, WORK } from '../programs.ts';
import { cpuOf } from '../spawned.ts';

/** CPU of a privileged probe with nothing to hash: what each of them pays before its own look. */
export const probe: Measurement = {
  name: 'compliance-agent probe antivirus',
  unit: 'ms CPU',
  better: 'lower',
  floor: 'node -e 0',
  goal: '≤ 1.6 × floor',
  meets: ({ ours, floor }) => ours <= 1.6 * floor,
  remains: 'reading the baseline and the probe’s own file',
  unfair: 'its baseline names nothing to look at; bash’s time counts whole milliseconds',
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    const baseline = join(folder, 'baseline.yaml');
    writeFileSync(baseline, JSON.stringify({ version: 1, checks: { antivirus: {} } }));
    process.env.COMPLIANCE_AGENT_BASELINE_PATH = baseline;
    try {
      return await interleave(21, {
        ours: () => cpuOf(process.execPath, [AGENT_PROGRAM, 'probe', 'antivirus']),
        floor: () => cpuOf(process.execPath, ['-e', '0']),
      });
    } finally {
      delete process.env.COMPLIANCE_AGENT_BASELINE_PATH;
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
