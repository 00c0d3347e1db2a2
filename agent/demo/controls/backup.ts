import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Control } from '../control.ts';
import { AGENT_PROGRAM } from '../programs.ts';
import type { Stage } from '../stage.ts';
import { changeUnits } from '../units.ts';

const JOB = 'daily';
const UNIT = 'restic-backups-daily.service';

/** A restic repository with a backup of the patients’ folder, and a restore test, recorded as the units would. */
export function backupControl({
  stage,
  units,
  config,
}: {
  stage: Stage;
  units: string;
  config: string;
}): Control & { begin(): void } {
  const repository = stage.path('backup', 'repository');
  const password = stage.path('backup', 'password');
  const summary = stage.path('backup', 'summary.json');
  const patients = stage.path('backup', 'patients');
  const canary = stage.path('backup', 'patients', 'canary');
  const job = stage.path('backup', 'job.sh');
  const cache = stage.path('backup', 'cache');
  const keys = stage.path('backup', 'repository', 'keys');
  const statusDir = stage.path('host', 'var/lib/compliance-agent-backup');
  writeFileSync(password, 'demo\n', { mode: 0o600 });
  writeFileSync(join(patients, 'records.db'), 'not a real patient\n');
  changeUnits(units, (table) => ({ ...table, [UNIT]: { start: ['sh', job] } }));
  const env = {
    ...process.env,
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD_FILE: password,
    RESTIC_CACHE_DIR: cache,
  };
  const command = (verb: string) =>
    `'${process.execPath}' '${AGENT_PROGRAM}' backup ${verb} --job ${JOB} --config '${config}' --status-dir '${statusDir}'`;
  // What the units of a NixOS host run: the hook before, the backup, the hook after with the service’s result.
  writeFileSync(
    job,
    `export RESTIC_REPOSITORY='${repository}' RESTIC_PASSWORD_FILE='${password}' RESTIC_CACHE_DIR='${cache}'
${command('canary')}
if restic backup --json '${patients}' > '${summary}'; then result=success status=0; else status=$? result=exit-code; fi
${command('record')} --summary '${summary}' --result $result --exit-status $status
exit $status
`,
  );
  const sh = (script: string) =>
    spawnSync('sh', ['-c', script], { env, stdio: 'ignore' }).status === 0;
  const backUp = () => sh(`sh '${job}'`);
  const restoreTest = () => sh(command('restore-test'));
  const hidden = (path: string) => `${path}.hidden`;

  return {
    id: 'backup',
    section: { jobs: [{ job: JOB, unit: UNIT, canary }] },
    real: 'a restic repository, its backup and restore test',
    simulated: 'PID 1’s view of the unit, its start',
    /** The agent’s verbs read the settings, which are written once every control is set up. */
    begin() {
      if (!(sh('restic init --quiet') && backUp() && restoreTest())) {
        throw new Error('the first backup failed');
      }
    },
    violations: [
      {
        title: 'the last backup failed',
        finding: 'backup_failed',
        heals: true,
        violate() {
          renameSync(password, hidden(password));
          backUp();
          renameSync(hidden(password), password);
        },
        restore() {},
      },
      {
        title: 'the repository loses its keys',
        finding: 'restore_test_failed',
        heals: false,
        violate() {
          renameSync(keys, hidden(keys));
          restoreTest();
        },
        restore() {
          renameSync(hidden(keys), keys);
          backUp();
          restoreTest();
        },
      },
    ],
  };
}
