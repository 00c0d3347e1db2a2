import type { Command } from 'commander';

/** `remedy NAME`: what the privileged units behind `/run/compliance-agent/remedy/NAME.sock` run. */
export function declareRemedy(program: Command): void {
  program
    .command('remedy')
    .description('Mends one thing as root and writes one JSON document (run by units).')
    .argument('<name>', 'which remedy, as restart_av_service')
    .option('--config <file>', 'settings of this host')
    .option('--root <dir>', 'folder taken for /', '/')
    .addHelpText(
      'after',
      `
Its unit reads a signed order, or nothing, from the socket that is its standard input:
  ExecStart=compliance-agent remedy restart_av_service`,
    )
    .action(async (name: string, options: { config?: string; root: string }) => {
      const { answerRemedy } = await import('./answer.ts');
      await answerRemedy(name, options);
    });
}
