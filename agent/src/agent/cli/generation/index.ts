import type { Command } from 'commander';
import { withConfig } from '../options.ts';

/** The accepted generation: anybody may see it, root alone changes it, and every change is evidence. */
export function declareGeneration(program: Command): void {
  const generation = program
    .command('generation')
    .description('Show or change which system generation this host accepts.')
    .addHelpText('after', '\nExamples:\n  compliance-agent generation show --json');

  withConfig(generation.command('show'))
    .description(
      'Print the accepted, the running and the booted system, and what the profile names.',
    )
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./show.ts')).showGeneration(options));

  withConfig(generation.command('accept'))
    .argument('[path]', 'store path of a system (default: the one that runs)')
    .description('Make a system the accepted one (root).')
    .option('--by-switch', 'called by the activation of a real nixos-rebuild switch')
    .addHelpText(
      'after',
      `
Examples:
  compliance-agent generation accept
  compliance-agent generation accept /nix/store/…-nixos-system-frontdesk-26.05`,
    )
    .action(async (path, options) => (await import('./accept.ts')).accept(path, options));

  withConfig(generation.command('prepare', { hidden: true }))
    .description('Make the root-owned state, and accept what was booted (run by a unit at boot).')
    .action(async (options) => (await import('./prepare.ts')).prepare(options));
}
