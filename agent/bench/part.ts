// A process of its own for each file of measurements: what it leaves in memory, and its death, touch no other.
// Argument: the file. Tells its parent the names first, then a row or a reason for each.
import type { Measurement } from './measurement.ts';
import type { Failed, Row } from './row.ts';
import { rowOf } from './row.ts';

/** What a part tells its parent. */
export type Told =
  | { readonly names: readonly string[] }
  | { readonly row: Row }
  | { readonly failed: Failed };

const [file = ''] = process.argv.slice(2);
const orphaned = () => process.exit(1); // whoever asked is gone
process.once('disconnect', orphaned);
const tell = (told: Told) =>
  new Promise<void>((resolve) => process.send?.(told, undefined, undefined, () => resolve()));

const module: Record<string, Measurement> = await import(new URL(file, import.meta.url).href);
const measurements = Object.values(module);
await tell({ names: measurements.map(({ name }) => name) });
for (const measurement of measurements) {
  try {
    await tell({ row: rowOf(measurement, await measurement.measure()) });
  } catch (error) {
    console.error(error);
    const reason = error instanceof Error ? error.message : String(error);
    await tell({ failed: { name: measurement.name, reason } });
  }
}
process.off('disconnect', orphaned);
process.disconnect();
