import type { Command } from 'commander';
import { helpAfter, pathOf } from './manual.ts';

/**
 * Shows with a verb those examples of its noun that run it: an example is said once and found in both places. What they
 * are is worked out only where help is asked for.
 */
export function inheritExamples(command: Command): void {
  for (const child of command.commands) {
    if (command.parent !== null)
      child.addHelpText('after', () => {
        const found = examplesOf(command, pathOf(child));
        return found.length === 0 ? '' : `\nExamples:\n${found.join('\n')}`;
      });
    inheritExamples(child);
  }
}

/** The indented lines of a command’s help that run the command of that path. */
function examplesOf(command: Command, path: string): string[] {
  return helpAfter(command)
    .split('\n')
    .filter((line) => line.startsWith('  ') && ` ${line} `.includes(` ${path} `));
}
