import { type Command, Option } from 'commander';
import { withConfig } from '../options.ts';
import { parseSeldom } from './parse-seldom.ts';

/** The verbs that run the checks, and the one that asks how they run. */
export function declareDaemon(program: Command): void {
  withRoot(withConfig(program.command('run')))
    .description('Watch this host until stopped: check, record, upload. What the service runs.')
    .addHelpText(
      'after',
      `
SIGHUP reads settings and baseline again; wrong ones are refused and the old ones stay.
SIGTERM and SIGINT stop it within 10 seconds. Every setting: compliance-agent config --settings

Examples:
  compliance-agent run
  COMPLIANCE_AGENT_POLL_INTERVAL=60 compliance-agent run --config config.yaml`,
    )
    .action(async (options) => {
      parseSeldom();
      (await import('../../../effects/heap.ts')).keepSmall(); // before anything large is loaded
      await (await import('./run.ts')).run(options);
    });

  withRoot(withConfig(program.command('once')))
    .description(
      'Run one cycle and record it. Exit 0 compliant, 1 drift, 2 unknown or not recorded.',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Where the daemon runs, it is asked for the cycle: there is one writer of evidence.

Examples:
  compliance-agent once
  compliance-agent once --json --config config.yaml`,
    )
    .action(async (options) => {
      parseSeldom();
      await (await import('./once.ts')).once(options);
    });

  withRoot(withConfig(program.command('check')))
    .argument('[id...]', 'which checks; all that are enabled where left out')
    .description('Look without recording anything. Exit 0 compliant, 1 drift, 2 unknown.')
    .option('--json', 'print JSON')
    .option(
      '--direct',
      'as root, look with this process’s own privilege and without the probes’ units',
    )
    .addHelpText(
      'after',
      `
Examples:
  compliance-agent check
  compliance-agent check firewall encryption
  sudo compliance-agent check --direct    # where no units are, or by a program of your own
  compliance-agent check --json | jq '.[] | select(.verdict != "compliant")'`,
    )
    .action(async (ids, options) => {
      parseSeldom();
      await (await import('./check.ts')).check(ids, options);
    });

  withConfig(program.command('status'))
    .description(
      'Say how the daemon, its evidence, its queue and its server are. Exit 3 if stopped.',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  compliance-agent status\n  compliance-agent status --json',
    )
    .action(async (options) => {
      parseSeldom();
      await (await import('./status.ts')).status(options);
    });
}

/** `--root`, for demonstrations and tests. */
function withRoot(command: Command): Command {
  return command.addOption(
    new Option(
      '--root <dir>',
      'look at a folder as if it were a machine, with its own bin/ for tools (demonstrations, tests)',
    ).default('/'),
  );
}

export type RootOption = { readonly root: string };
