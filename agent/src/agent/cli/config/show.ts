import { loadConfig } from '../../config.ts';
import type { Origin } from '../../settings.ts';
import type { ConfigOption } from '../options.ts';

export async function showConfig({
  config: file,
  json,
}: ConfigOption & { json?: boolean }): Promise<void> {
  const { settings, origins, rulesetHash, warnings } = await loadConfig({
    file,
    env: process.env,
    now: new Date(),
  });
  if (json) {
    console.log(
      JSON.stringify({ settings, origins, ruleset_hash: rulesetHash, warnings }, null, 2),
    );
    return;
  }
  for (const warning of warnings) console.error(`warning: ${warning}`);
  for (const [field, origin] of Object.entries(origins)) {
    const value = settings[field as keyof typeof settings];
    if (value !== undefined) console.log(`${field}: ${plain(value)}  (${describe(origin)})`);
  }
  console.log(`ruleset_hash: ${rulesetHash}  (of ${settings.baseline_path})`);
}

function describe(origin: Origin): string {
  return origin.source === 'default' ? 'default' : origin.name;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
