import type { Command } from 'commander';
import { withConfig } from '../options.ts';

export type ProbeOptions = { config?: string; root: string };

/** `probe NAME`: what the privileged units behind `/run/compliance-agent/probe/NAME.sock` run. */
export function declareProbe(program: Command): void {
  withConfig(program.command('probe'))
    .description('Looks with privilege at one thing and writes one JSON document (run by units).')
    .argument('<name>', 'which probe: firewall, firewall-reference, volumes, antivirus, logging')
    .option('--root <dir>', 'folder taken for /', '/')
    .addHelpText(
      'after',
      `
Examples:
  compliance-agent probe firewall | jq .ok
  socat - UNIX-CONNECT:/run/compliance-agent/probe/firewall.sock`,
    )
    .action(async (name: string, options: ProbeOptions) => {
      const { answer } = await import('./answer.ts');
      await answer(name, options);
    });
}
