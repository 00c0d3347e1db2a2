import { baselineSchema } from '../../baseline.ts';
import { settingsSchema } from '../../settings-table.ts';

export function printSchema({ baseline }: { baseline?: boolean }): void {
  console.log(JSON.stringify(baseline ? baselineSchema() : settingsSchema(), null, 2));
}
