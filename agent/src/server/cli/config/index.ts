import type { Command } from 'commander';
import { withConfig } from '../config-option.ts';

export function declareConfig(program: Command): void {
  const config = program
    .command('config')
    .description('Check the settings.')
    .addHelpText(
      'after',
      '\nExamples:\n  compliance-server config check --config /etc/compliance-server/config.yaml',
    );

  withConfig(config.command('check'))
    .description('Check the settings; exit 78 and name every wrong field if any is.')
    .action(async (options) => (await import('./check.ts')).checkConfig(options));
}
