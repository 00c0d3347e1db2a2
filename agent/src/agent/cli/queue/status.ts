import { openReader } from '../../../effects/store/reader.ts';
import { type StateOptions, stateDirOf } from '../state.ts';

export async function showQueue(options: StateOptions & { json?: boolean }): Promise<void> {
  const reader = openReader({ stateDir: await stateDirOf(options) });
  try {
    const { oldestAgeMs, ...metrics } = reader.queueMetrics(new Date());
    const status = { ...metrics, oldest_age_sec: Math.round(oldestAgeMs / 1000) };
    if (options.json) return console.log(JSON.stringify(status, null, 2));
    for (const [name, value] of Object.entries(status)) console.log(`${name}: ${value}`);
  } finally {
    reader.close();
  }
}
