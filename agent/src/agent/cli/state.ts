import { type Command, Option } from 'commander';
import { InputError } from '../../wire/input.ts';
import type { Settings } from '../../wire/settings.ts';
import { type ConfigOption, withConfig } from './options.ts';

export type StateOptions = ConfigOption & { readonly stateDir?: string };

/** Adds `--state-dir DIR` and `--config FILE`, of which the first needs no settings. */
export function withState(command: Command): Command {
  return withConfig(
    command.addOption(
      new Option('--state-dir <dir>', 'state folder (default: state_dir of the settings)'),
    ),
  );
}

/** The state folder of a command: named on the command line, or by the settings. */
export async function stateDirOf({ stateDir, config }: StateOptions): Promise<string> {
  return stateDir ?? (await settingsOf({ config })).state_dir;
}

/** The settings alone, without the baseline, which a command that only reads does not need. */
export async function settingsOf({ config }: { config?: string | undefined }): Promise<Settings> {
  const { DEFAULT_CONFIG, readSettings } = await import('../settings.ts');
  const result = await readSettings({ file: config, env: process.env });
  if (result.ok) return result.settings;
  throw new InputError(config ?? DEFAULT_CONFIG, result.issues);
}
