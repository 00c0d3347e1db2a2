import type { Command } from 'commander';

const EXAMPLES = `
Examples:
  compliance-server keys generate receipt.key > receipt.pem    (its public half is the hosts’ receipt_keys_file)
  compliance-server keys generate operator.key > operator.pem`;

export function declareKeys(program: Command): void {
  program
    .command('keys')
    .description('Make Ed25519 keys: the server’s receipt key, an operator’s order key.')
    .addHelpText('after', EXAMPLES)
    .command('generate')
    .description('Make a key and print its public half; a file that exists is never overwritten.')
    .argument('<file>', 'where the private key goes, mode 0600')
    .option('--raw', 'write 32 raw bytes instead of PKCS#8 PEM')
    .addHelpText('after', EXAMPLES)
    .action(async (file, options) =>
      (await import('./generate.ts')).generateKeyFile(file, options),
    );
}
