import { loadConfig } from '../../config.ts';
import { DEFAULT_CONFIG } from '../../settings.ts';
import type { ConfigOption } from '../options.ts';

/** Reads nothing but the two files and the environment, so that a build of the host can run it. */
export async function checkConfig({
  config: file,
  baseline: baselineFile,
}: ConfigOption & { baseline?: string }): Promise<void> {
  const { settings, baseline, warnings } = await loadConfig({
    file,
    baselineFile,
    env: process.env,
    now: new Date(),
  });
  for (const warning of warnings) console.error(`warning: ${warning}`);
  const checks = Object.keys(baseline.checks).join(', ') || 'none';
  console.log(`${file ?? DEFAULT_CONFIG}: settings hold; host id ${settings.host_id}`);
  console.log(`${baselineFile ?? settings.baseline_path}: baseline holds; checks: ${checks}`);
}
