import type { Command } from 'commander';

/** Adds `--config FILE`, which every command that needs settings takes. */
export function withConfig(command: Command): Command {
  return command.option(
    '--config <file>',
    'settings, YAML or JSON (default: /etc/compliance-server/config.yaml)',
  );
}

export type ConfigOption = { readonly config?: string | undefined };
