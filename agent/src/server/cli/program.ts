import type { Command } from 'commander';
import { createProgram } from '../../terminal/program.ts';
import { declareConfig } from './config/index.ts';
import { withConfig } from './config-option.ts';
import { declareHosts } from './hosts/index.ts';
import { declareKeys } from './keys/index.ts';
import { declareOrders } from './orders/index.ts';
import { declareReaders } from './readers/index.ts';

/** Every command of `compliance-server`, declared without loading what it needs. */
export function serverProgram(): Command {
  const program = createProgram(
    'compliance-server',
    'Receives, verifies and keeps the evidence of many hosts; carries orders signed elsewhere.',
  );
  withConfig(program.command('serve'))
    .description('Receive evidence and carry orders until SIGTERM.')
    .addHelpText(
      'after',
      '\nExamples:\n  compliance-server serve --config /etc/compliance-server/config.yaml',
    )
    .action(async (options) => (await import('./serve.ts')).serve(options));
  withConfig(program.command('migrate'))
    .description('Bring the PostgreSQL database to the present form, as the role that owns it.')
    .option('--owner <role>', 'that role (default: postgresql.owner of the settings)')
    .addHelpText(
      'after',
      '\nExamples:\n  compliance-server migrate\n  compliance-server migrate --owner compliance-evidence',
    )
    .action(async (options) => (await import('./migrate.ts')).migrateDatabase(options));
  declareConfig(program);
  declareHosts(program);
  declareReaders(program);
  declareOrders(program);
  declareKeys(program);
  withConfig(program.command('verify'))
    .description(
      'Verify every stored bundle, the chain of every host and the whole log; exit 0 if all hold, 1 if not.',
    )
    .argument('[host]', 'only this host')
    .option(
      '--log <file>',
      'hold the log to the signed states that a host kept, too: its evidence/log.jsonl',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  compliance-server verify\n  compliance-server verify host-1 --json\n  compliance-server verify --log /mnt/host-1/evidence/log.jsonl',
    )
    .action(async (host, options) => (await import('./verify.ts')).verifyStore(host, options));
  withConfig(program.command('report'))
    .description(
      'Make a compliance report of a site: one HTML page, and a ZIP with the signed evidence.',
    )
    .requiredOption('--site <site>', 'the site whose hosts it is about')
    .requiredOption('--from <time>', 'from this time (RFC 3339, or a date in UTC)')
    .requiredOption('--to <time>', 'to this time, exclusive')
    .option(
      '--output <prefix>',
      'writes PREFIX.html and PREFIX.zip (default: compliance-SITE-FROM-TO)',
    )
    .option('--profile <profile>', 'hipaa, or nprm-2025 to show that proposal too', 'hipaa')
    .option(
      '--baseline <host=file>',
      'a host’s baseline, for the text of its exceptions; may be given for each host',
      (one: string, all: string[]) => [...all, one],
      [],
    )
    .option('--clock-limit <ms>', 'offset from which a clock counts as off', '5000')
    .option('--attestation-interval <seconds>', 'what the hosts are set to (default: setting)')
    .addHelpText(
      'after',
      `
Examples:
  compliance-server report --site north-clinic --from 2026-10-01 --to 2026-11-01
  compliance-server report --site north-clinic --from 2026-10-01 --to 2026-11-01 \\
    --baseline north-1=/srv/baselines/north-1.yaml --profile nprm-2025`,
    )
    .action(async (options) => (await import('./report.ts')).reportSite(options));
  return program;
}
