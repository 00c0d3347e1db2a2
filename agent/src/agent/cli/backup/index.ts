import { type Command, Option } from 'commander';
import type { BackupTool } from '../../../wire/backup.ts';
import { BACKUP_STATUS_DIR } from '../../../wire/paths.ts';

export type BackupOptions = {
  readonly job: string;
  readonly config: string;
  readonly statusDir: string;
  readonly json?: boolean;
};
export type ResticOptions = BackupOptions & { readonly restic: string; readonly host?: string };
export type RecordOptions = ResticOptions & {
  readonly tool: BackupTool;
  readonly borg: string;
  readonly summary?: string;
  readonly result?: string;
  readonly exitStatus?: string;
};

/** `backup VERB`: what the units of a backup run before, after and beside it. */
export function declareBackup(program: Command): void {
  const backup = program
    .command('backup')
    .description('Leave the status of backups and test restores (run by units, as root).')
    .addHelpText(
      'after',
      `
In the service that makes the backup, with restic's own environment (RESTIC_REPOSITORY, RESTIC_PASSWORD_FILE):
  ExecStartPre=compliance-agent backup canary --job daily
  ExecStopPost=compliance-agent backup record --job daily
In a service of its own with the same environment, started by a timer:
  ExecStart=compliance-agent backup restore-test --job daily`,
    );

  withJob(backup.command('canary'))
    .description('Write a new canary file, which the backup then has to hold.')
    .action(async (options: BackupOptions) => (await import('./canary.ts')).canary(options));

  withRestic(withJob(backup.command('record')))
    .description('Record the run that has just ended.')
    .addOption(
      new Option(
        '--tool <tool>',
        'what makes the backup; of another only the unit’s result is known',
      )
        .choices(['restic', 'borg', 'other'])
        .default('restic'),
    )
    .option('--borg <program>', 'the program', 'borg')
    .option('--summary <file>', 'what restic backup --json printed, or - for standard input')
    .addOption(new Option('--result <result>', 'result of the service').env('SERVICE_RESULT'))
    .addOption(
      new Option('--exit-status <status>', 'exit status of its main process').env('EXIT_STATUS'),
    )
    .action(async (options: RecordOptions) => (await import('./record.ts')).record(options));

  withRestic(withJob(backup.command('restore-test')))
    .description(
      'Restore the canary of the last good backup and compare it; exit 1 when it differs.',
    )
    .action(async (options: ResticOptions) =>
      (await import('./restore-test.ts')).restoreTest(options),
    );
}

function withJob(command: Command): Command {
  return command
    .requiredOption('--job <name>', 'a job of the baseline')
    .option('--config <file>', 'settings of this host', '/etc/compliance-agent/config.yaml')
    .option('--status-dir <dir>', 'folder of the status files', BACKUP_STATUS_DIR)
    .option('--json', 'print the status');
}

function withRestic(command: Command): Command {
  return command
    .option('--restic <program>', 'the program', 'restic')
    .option('--host <name>', 'whose snapshots in a shared repository (default: the host name)');
}
