import { execFileSync } from 'node:child_process';
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
  const patients = stage.path('backup', 'patients', 'records.db');
  const canary = stage.path('backup', 'patients', 'canary');
  const statusDir = stage.path('host', 'var/lib/compliance-agent-backup');
  writeFileSync(password, 'demo\n', { mode: 0o600 });
  writeFileSync(patients, 'not a real patient\n');
  // A service that runs to its end is inactive between two backups.
  changeUnits(units, (table) => ({ ...table, [UNIT]: { active: false } }));
  const env = {
    ...process.env,
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD_FILE: password,
    RESTIC_CACHE_DIR: stage.path('backup', 'cache'),
  };
  const run = (program: string, args: string[]) =>
    execFileSync(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const restic = (...args: string[]) => run('restic', args);
  const agent = (verb: string, ...args: string[]) =>
    run(process.execPath, [
      AGENT_PROGRAM,
      'backup',
      verb,
      '--job',
      JOB,
      '--config',
      config,
      '--status-dir',
      statusDir,
      ...args,
    ]);
  const restoreTest = () => {
    try {
      agent('restore-test');
    } catch {
      // exit 1: the test found a difference and recorded it, which is what the check reads
    }
  };
  const backUp = () => {
    agent('canary');
    writeFileSync(summary, restic('backup', '--json', join(patients, '..')));
    agent('record', '--summary', summary, '--result', 'success', '--exit-status', '0');
    restoreTest();
  };
  const keys = join(repository, 'keys');
  const moved = stage.path('backup', 'keys.moved');

  return {
    id: 'backup',
    section: { jobs: [{ job: JOB, unit: UNIT, canary }] },
    real: 'a restic repository, its backup and restore test',
    simulated: 'PID 1’s view of the unit',
    /** The agent’s verbs read the settings, which are written once every control is set up. */
    begin() {
      restic('init', '--quiet');
      backUp();
    },
    violations: [
      {
        title: 'the repository loses its keys',
        finding: 'restore_test_failed',
        violate() {
          renameSync(keys, moved);
          restoreTest();
        },
        restore() {
          renameSync(moved, keys);
          backUp();
        },
      },
    ],
  };
}
