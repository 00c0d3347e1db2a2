import type { Command } from 'commander';
import { withConfig } from '../options.ts';

/** Break-glass (45 CFR 164.308(a)(6)): while it holds no remedy starts, whoever ordered it. It is recorded. */
export function declareFreeze(program: Command): void {
  for (const verb of ['freeze', 'unfreeze'] as const) {
    withConfig(program.command(verb))
      .description(
        verb === 'freeze'
          ? 'Let no remedy start on this host until unfreeze (root; recorded).'
          : 'Let remedies start again (root; recorded).',
      )
      .addHelpText('after', `\nExamples:\n  compliance-agent ${verb}`)
      .action(async (options) => (await import('./freeze.ts')).freeze(verb === 'freeze', options));
  }
}
