import { openReader } from '../../../effects/store/reader.ts';
import { tableText } from '../../../terminal/table.ts';
import { type StateOptions, stateDirOf } from '../state.ts';

export async function showStatistics(options: StateOptions & { json?: boolean }): Promise<void> {
  const reader = openReader({ stateDir: await stateDirOf(options) });
  try {
    const statistics = reader.statistics();
    if (options.json) return console.log(JSON.stringify(statistics, null, 2));
    const { byCheck, oldest, newest, ...counts } = statistics;
    const rows = byCheck.map(({ check_id, outcome, bundles }) => [
      check_id,
      outcome,
      String(bundles),
    ]);
    console.log(tableText(['CHECK', 'OUTCOME', 'BUNDLES'], rows));
    for (const [name, count] of Object.entries(counts)) console.log(`${name}: ${count}`);
    console.log(`oldest: ${timeText(oldest)}\nnewest: ${timeText(newest)}`);
  } finally {
    reader.close();
  }
}

function timeText(time: number | null): string {
  return time === null ? 'none' : new Date(time).toISOString();
}
