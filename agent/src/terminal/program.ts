import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import { endQuietly } from './broken-pipe.ts';
import { inheritExamples } from './examples.ts';
import { EXIT } from './exit.ts';
import { exitCodeOf } from './exit-code.ts';

/** A program whose usage errors end with 64, and whose `--help` and `--version` end with 0. */
export function createProgram(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .version(VERSION)
    .showHelpAfterError('(add --help for usage)')
    .helpCommand(false)
    .exitOverride();
}

/** Runs a program to its exit code; errors become sentences on standard error, never stack traces. */
export async function runProgram(program: Command, argv = process.argv): Promise<void> {
  inheritExit(program);
  inheritExamples(program);
  process.stdout.on('error', endQuietly);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCode(error, program.name());
  }
}

/** `exitOverride` is taken over by commands made later, not by those added with their own settings. */
function inheritExit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().helpCommand(false);
    inheritExit(child);
  }
}

function exitCode(error: unknown, program: string): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  return exitCodeOf(error, program);
}
