import type { Command } from 'commander';
import { withState } from '../state.ts';

/** Declares `report`: a period as a page for people and a packet that anyone can check. */
export function declareReport(program: Command): void {
  withPeriod(withState(program.command('report')))
    .description('Make a compliance report: one HTML page, and a ZIP with the signed evidence.')
    .option(
      '--output <prefix>',
      'writes PREFIX.html and PREFIX.zip (default: compliance-HOST-FROM-TO)',
    )
    .option('--json', 'print what was made as JSON')
    .addHelpText(
      'after',
      `
Examples:
  compliance-agent report --from 2026-10-01 --to 2026-11-01
  compliance-agent report --from 2026-10-01 --to 2026-11-01 --output /root/october
  compliance-agent evidence verify /root/october.zip

The same evidence, period, settings and baseline give the same bytes. With the host's key at hand (root, or the agent's
user) the packet carries a signed in-toto statement.`,
    )
    .action(async (options) => {
      (await import('../../../effects/heap.ts')).keepFlat(); // before anything large is loaded
      await (await import('./make.ts')).makeReport(options);
    });
}

/** Adds what a report and an export need to know. */
export function withPeriod(command: Command): Command {
  return command
    .requiredOption('--from <time>', 'from this time (RFC 3339, or a date in UTC)')
    .requiredOption('--to <time>', 'to this time, exclusive')
    .option('--public-key <file>', 'key or keys that signed the evidence (default: this host’s)');
}
