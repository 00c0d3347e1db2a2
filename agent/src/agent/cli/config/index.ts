import type { Command } from 'commander';
import { withConfig } from '../options.ts';

export function declareConfig(program: Command): void {
  const config = program
    .command('config')
    .description('Check, show and describe settings and baseline.')
    .option('--settings', 'list every setting with its variable, range and default')
    .action(async ({ settings }, command: Command) => {
      if (!settings) return command.help();
      const { settingsText } = await import('../../settings-table.ts');
      console.log(settingsText());
    })
    .addHelpText(
      'after',
      `
Every setting of the file that has a variable may be given as COMPLIANCE_AGENT_NAME, which wins over the file.

Examples:
  compliance-agent config --settings
  compliance-agent config check --config config.yaml --baseline baseline.json
  COMPLIANCE_AGENT_POLL_INTERVAL=60 compliance-agent config show
  compliance-agent config schema --baseline > baseline.schema.json`,
    );

  withConfig(config.command('check'))
    .description('Check settings and baseline; exit 78 and name every wrong field if any is.')
    .option('--baseline <file>', 'check this baseline instead of the one at baseline_path')
    .action(async (options) => (await import('./check.ts')).checkConfig(options));

  withConfig(config.command('show'))
    .description('Print the settings in effect and where each came from. They hold no secrets.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./show.ts')).showConfig(options));

  config
    .command('schema')
    .description('Print the JSON Schema of the settings.')
    .option('--baseline', 'print that of the baseline')
    .action(async (options) => (await import('./schema.ts')).printSchema(options));
}
