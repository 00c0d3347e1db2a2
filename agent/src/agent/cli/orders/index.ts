import type { Command } from 'commander';
import { withConfig } from '../options.ts';

/** The orders that this host asked for or was given, as its journal has them. */
export function declareOrders(program: Command): void {
  const orders = program
    .command('orders')
    .description('Signed orders for this host.')
    .addHelpText(
      'after',
      `
Examples:
  compliance-agent orders list --json
  compliance-agent orders show 7d0c7a0e-52f2-4f3c-8a0e-0d5a3c1e7b11`,
    );
  withConfig(orders.command('list'))
    .description('List what was asked for and what became of it.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./list.ts')).listOrders(options));
  withConfig(orders.command('show'))
    .argument('<id>', 'id of an order or of a request')
    .description('Print one order with what was signed.')
    .action(async (id, options) => (await import('./show.ts')).showOrder(id, options));
}
