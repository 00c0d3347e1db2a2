import { readAcceptedGeneration, readRootState } from '../../../effects/root/state.ts';
import { loadConfig } from '../../config.ts';
import type { ConfigOption } from '../options.ts';
import { readLink } from './links.ts';

/** Reads links and files that anybody may read. */
export async function showGeneration({
  config: file,
  json = false,
}: ConfigOption & { json?: boolean }): Promise<void> {
  const { settings } = await loadConfig({ file, env: process.env, now: new Date() });
  const shown = {
    accepted: readAcceptedGeneration(settings.root_state_dir),
    running: readLink('/run/current-system'),
    booted: readLink('/run/booted-system'),
    profile: readLink('/nix/var/nix/profiles/system'),
    frozen_since: readRootState(settings.root_state_dir)?.frozen_since ?? null,
  };
  if (json) return void console.log(JSON.stringify(shown, null, 2));
  for (const [name, value] of Object.entries(shown))
    console.log(`${name.replace('_', ' ').padEnd(13)}${value ?? 'none'}`);
}
