import type { Command } from 'commander';
import { withConfig } from '../config-option.ts';

const list = (value: string, before: string[] = []): string[] => [...before, value];

export function declareReaders(program: Command): void {
  const readers = program
    .command('readers')
    .description('Say who may look at the evidence in a browser.')
    .addHelpText(
      'after',
      `
An operator also decides about orders; an auditor changes nothing. Readers sign in with a certificate of their own, made
by an authority of client_ca_file, or with a token that this server prints: it counts once and for ten minutes.

Examples:
  compliance-server readers add ann --role operator --certificate ann.crt
  compliance-server readers add ben --role auditor --site north-clinic --site south-clinic
  compliance-server readers token ben
  compliance-server readers list
  compliance-server readers revoke ben`,
    );

  withConfig(readers.command('add'))
    .description('Add a reader, or give a known one another role, scope or certificate.')
    .argument('<name>', 'how the reader is called in what the server records')
    .requiredOption('--role <role>', 'operator or auditor')
    .option('--certificate <file>', 'the certificate (PEM) that the reader signs in with')
    .option('--reseller <reseller>', 'only hosts of this reseller; may be given again', list)
    .option('--site <site>', 'only hosts of this site; may be given again', list)
    .action(async (name, options) => (await import('./add.ts')).addReader(name, options));

  withConfig(readers.command('list'))
    .description('List readers with role and scope.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./list.ts')).listReaders(options));

  withConfig(readers.command('token'))
    .description('Print a token for a reader to sign in with, once, within ten minutes.')
    .argument('<name>')
    .action(async (name, options) => (await import('./token.ts')).printToken(name, options));

  withConfig(readers.command('revoke'))
    .description('Let a reader in no longer, from its next request on.')
    .argument('<name>')
    .action(async (name, options) => (await import('./revoke.ts')).revokeReader(name, options));
}
