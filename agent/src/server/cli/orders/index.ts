import type { Command } from 'commander';
import { withConfig } from '../config-option.ts';

export function declareOrders(program: Command): void {
  const orders = program
    .command('orders')
    .description('Carry orders between hosts that ask and operators who sign.')
    .addHelpText(
      'after',
      `
The operator’s key stays on the operator’s own machine: sign needs neither settings nor database there, and serve
never loads a key that signs orders.

Examples:
  compliance-server orders list --state requested
  compliance-server orders export ID > draft.json                      (on the server)
  compliance-server orders sign --key operator.key draft.json > order.json  (anywhere)
  compliance-server orders import order.json                           (on the server)
  compliance-server orders reject ID`,
    );

  withConfig(orders.command('list'))
    .description('List orders, oldest first.')
    .option(
      '--state <state>',
      'only those that are requested, approved, rejected, expired, done or failed',
    )
    .option('--host <host>', 'only those of this host')
    .option('--limit <number>', 'at most so many', '100')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./list.ts')).listOrders(options));

  withConfig(orders.command('export'))
    .description('Print what an operator is to sign, numbered for its host.')
    .argument('<order>', 'the order’s id')
    .action(async (order, options) => (await import('./export.ts')).exportOrder(order, options));

  orders
    .command('sign')
    .description('Sign a draft; prints the order. Needs neither settings nor database.')
    .argument('[draft]', 'what export printed, or - for standard input', '-')
    .requiredOption('--key <file>', 'the operator’s private key')
    .option('--ttl <seconds>', 'how long the order is valid', '3600')
    .option('--params <json>', 'parameters of the runbook, in place of the draft’s')
    .action(async (draft, options) => (await import('./sign.ts')).signOrder(draft, options));

  withConfig(orders.command('import'))
    .description('Take a signed order in, for its host to fetch.')
    .argument('[order]', 'what sign printed, or - for standard input', '-')
    .action(async (order, options) => (await import('./import.ts')).importOrder(order, options));

  withConfig(orders.command('reject'))
    .description('Refuse a request.')
    .argument('<order>', 'the order’s id')
    .action(async (order, options) => (await import('./reject.ts')).rejectOrder(order, options));
}
