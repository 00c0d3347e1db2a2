import type { Command } from 'commander';
import { withConfig } from '../options.ts';
import { withState } from '../state.ts';

export function declareQueue(program: Command): void {
  const queue = program
    .command('queue')
    .description('Show and hurry what waits for the server.')
    .addHelpText(
      'after',
      `
Examples:
  compliance-agent queue status --json
  compliance-agent queue retry`,
    );

  withState(queue.command('status'))
    .description('Print what waits, since when, and what is stalled.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./status.ts')).showQueue(options));

  withConfig(queue.command('retry'))
    .description('Make everything that waits due now.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./retry.ts')).retryQueue(options));
}
