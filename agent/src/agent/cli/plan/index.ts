import type { Command } from 'commander';
import { withConfig } from '../options.ts';

export function declarePlan(program: Command): void {
  withConfig(program.command('plan'))
    .description('Say what would be done about each control now, and why. Changes nothing.')
    .option('--root <dir>', 'look at a folder as if it were a machine', '/')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  compliance-agent plan\n  compliance-agent plan --json')
    .action(async (options) => (await import('./plan.ts')).plan(options));
}
