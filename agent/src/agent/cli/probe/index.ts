import type { Command } from 'commander';

/** `probe NAME`: what the privileged units behind `/run/compliance-agent/probe/NAME.sock` run. */
export function declareProbe(program: Command): void {
  program
    .command('probe')
    .description('Looks with privilege at one thing and writes one JSON document (run by units).')
    .argument('<name>', 'which probe: firewall, firewall-reference, volumes, antivirus, logging')
    .option('--config <file>', 'settings of this host', '/etc/compliance-agent/config.yaml')
    .option('--root <dir>', 'folder taken for /', '/')
    .action(async (name: string, options: { config: string; root: string }) => {
      const { answer } = await import('./answer.ts');
      await answer(name, options);
    });
}
