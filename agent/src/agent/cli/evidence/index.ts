import { type Command, Option } from 'commander';
import { withConfig } from '../options.ts';
import { withPeriod } from '../report/index.ts';
import { withState } from '../state.ts';

export function declareEvidence(program: Command): void {
  const evidence = program
    .command('evidence')
    .description('List, show, verify and keep the evidence of this host.')
    .addHelpText(
      'after',
      `
Examples:
  compliance-agent evidence list --check firewall --outcome alert --since 2026-11-01
  compliance-agent evidence show 7d0c7a0e-52f2-4f3c-8a0e-0d5a3c1e7b11
  compliance-agent evidence show --raw 7d0c7a0e-52f2-4f3c-8a0e-0d5a3c1e7b11 | sha256sum
  compliance-agent evidence verify --dir /mnt/copy/evidence --public-key host.pem
  compliance-agent evidence prove
  compliance-agent evidence verify --proof --receipt-key server.pem
  compliance-agent evidence stats --json
  compliance-agent evidence export --format oscal --from 2026-10-01 --to 2026-11-01 > results.json
  compliance-agent evidence prune
  systemctl stop compliance-agent && compliance-agent evidence reindex`,
    );

  withState(evidence.command('list'))
    .description('List bundles, newest first.')
    .option('--check <id>', 'only of this check or event')
    .option('--outcome <outcome>', 'only with this outcome')
    .option('--order <id>', 'only of this order')
    .option('--since <time>', 'only that ended at this time or later (RFC 3339, or a date)')
    .option('--until <time>', 'only that ended before this time')
    .option('--oldest-first', 'in the order of writing')
    .option('--limit <number>', 'at most so many', '50')
    .option('--after <position>', 'go on where a page ended')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./list.ts')).listEvidence(options));

  withState(evidence.command('show'))
    .description('Print a bundle whose signature holds; exit 1 where it does not.')
    .argument('<id>', 'bundle id, or SHA-256 of its bytes')
    .option('--public-key <file>', 'key to verify it with (default: this host’s)')
    .option('--json', 'print the whole bundle as JSON')
    .option('--raw', 'print the exact signed bytes')
    .action(async (id, options) => (await import('./show.ts')).showEvidence(id, options));

  withState(evidence.command('verify'))
    .description(
      'Verify a folder, packet or server export: signatures, links, numbers, receipts; exit 0 if all hold, 1 if not.',
    )
    .argument(
      '[path]',
      'evidence folder, packet folder or packet ZIP (default: this host’s evidence)',
    )
    .option('--dir <folder>', 'the same')
    .option(
      '--public-key <file>',
      'key or keys that signed it (default: this host’s, or a packet’s own)',
    )
    .option('--receipt-key <file>', 'key or keys whose receipts count')
    .option(
      '--proof',
      'verify too that receipts are in the server’s log and that it only grew, by the proofs kept beside them',
    )
    .option('--json', 'print JSON')
    .action(async (path, options) => {
      await keepFlat();
      await (await import('./verify.ts')).verifyEvidence(path, options);
    });

  withState(evidence.command('prove'))
    .description(
      'Fetch from the server the proofs that receipts are in its log, keep and verify them; exit 1 if the log was rewritten.',
    )
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./prove.ts')).proveEvidence(options));

  withState(evidence.command('stats'))
    .description('Count bundles by check and outcome.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./stats.ts')).showStatistics(options));

  withPeriod(withState(evidence.command('export')))
    .description('Print the facts of a report for other programs.')
    .addOption(
      new Option('--format <format>', 'form of the output')
        .choices(['json', 'oscal', 'in-toto', 'csv', 'incidents-csv', 'bundles-csv'])
        .makeOptionMandatory(),
    )
    .option('--output <file>', 'write to a file (default: standard output)')
    .action(async (options) => {
      await keepFlat();
      await (await import('./export.ts')).exportEvidence(options);
    });

  withConfig(evidence.command('prune'))
    .description('Remove now what retention no longer asks for, as is done each night.')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./prune.ts')).pruneNow(options));

  withState(evidence.command('reindex'))
    .description('Make the index anew from the folders; the agent must not run.')
    .option('--public-key <file>', 'key or keys that signed them (default: this host’s)')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./reindex.ts')).reindexEvidence(options));
}

/** To be said before anything large is loaded. */
async function keepFlat(): Promise<void> {
  (await import('../../../effects/heap.ts')).keepFlat();
}
