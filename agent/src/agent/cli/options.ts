import { type Command, Option } from 'commander';

/** Adds `--config FILE`, which every command that needs settings takes. */
export function withConfig(command: Command): Command {
  return command.addOption(
    new Option(
      '--config <file>',
      'settings, YAML or JSON (default: /etc/compliance-agent/config.yaml where it exists)',
    ),
  );
}

export type ConfigOption = { readonly config?: string };
