import { baselineJsonSchema } from '../../baseline.ts';
import { settingsSchema } from '../../settings-table.ts';

export function printSchema({ baseline }: { baseline?: boolean }): void {
  console.log(JSON.stringify(baseline ? baselineJsonSchema() : settingsSchema(), null, 2));
}
