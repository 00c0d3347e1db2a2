import type { Command } from 'commander';
import { withConfig } from '../options.ts';

/** The orders that this host asked for or was given, as its journal has them. */
export function declareOrders(program: Command): void {
  const orders = program.command('orders').description('Signed orders for this host.');
  withConfig(orders.command('list'))
    .description('List what was asked for and what became of it.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./list.ts')).listOrders(options));
  withConfig(orders.command('show'))
    .argument('<id>', 'id of an order or of a request')
    .description('Print one order with what was signed.')
    .action(async (id, options) => (await import('./show.ts')).showOrder(id, options));
}
