import type { Command } from 'commander';
import { withConfig } from '../options.ts';
import { withState } from '../state.ts';

export function declareKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('Make, show and check Ed25519 keys and signatures.')
    .addHelpText(
      'after',
      `
Key files hold 32 raw bytes or PEM (PKCS#8, SPKI), as openssl makes them; private ones have mode 0600 or stricter.

Examples:
  compliance-agent keys generate host.key
  compliance-agent keys show --enrol > host.json
  compliance-agent keys verify --public-key host.pem --signature bundle.sig bundle.json`,
    );

  keys
    .command('generate')
    .description('Make a key; a file that exists is never overwritten.')
    .argument('<file>', 'where the private key goes')
    .option('--raw', 'write 32 raw bytes instead of PKCS#8 PEM')
    .action(async (file, options) =>
      (await import('./generate.ts')).generateKeyFile(file, options),
    );

  withState(keys.command('show'))
    .description('Print the public key of this host, or of a key file.')
    .argument('[file]', 'a private or public key file')
    .option('--enrol', 'print what compliance-server hosts enrol takes')
    .option('--json', 'print JSON')
    .action(async (file, options) => (await import('./show.ts')).showKey(file, options));

  keys
    .command('verify')
    .description('Verify a signature; exit 0 if it holds, 1 if not.')
    .argument('<file>', 'what was signed')
    .requiredOption('--public-key <file>', 'the key')
    .requiredOption('--signature <file>', 'the signature: 64 raw bytes, or their base64')
    .action(async (file, options) => (await import('./verify.ts')).verifyFile(file, options));

  withConfig(keys.command('rotate'))
    .description('Make a new signing key, which the present one hands over to in a bundle.')
    .option('--lost', 'the present key is gone: begin a new chain that names the old one')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
With --lost nothing can hand over, so the server must be told: it takes nothing of the new key before that. Start the
agent and let what the old key signed go up (queue status), unless the key may be in other hands; then
  compliance-agent keys show --enrol > host.json            (on the host)
  compliance-server hosts enrol --replace-key host.json     (on the server)
  compliance-agent queue retry                              (on the host)
Keep the old public key: evidence verify --public-key takes a file with both.

Examples:
  compliance-agent keys rotate
  systemctl stop compliance-agent && compliance-agent keys rotate --lost`,
    )
    .action(async (options) => (await import('./rotate.ts')).rotate(options));
}
