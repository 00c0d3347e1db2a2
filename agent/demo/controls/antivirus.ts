import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import type { Control } from '../control.ts';
import type { Stage } from '../stage.ts';
import { changeUnits, mainPid } from '../units.ts';

const UNIT = 'demo-antivirus.service';

/** A process of the demo’s own, from a program file of its own: what it runs is hashed through /proc. */
export function antivirusControl({ stage, units }: { stage: Stage; units: string }): Control {
  const program = stage.path('antivirus', 'demo-antivirusd');
  const pidFile = stage.path('pids', 'demo-antivirusd');
  const database = stage.path('host', 'var/lib/demo-antivirus/signatures');
  writeFileSync(database, 'signatures\n');

  /** Another file takes the name, as a package manager or an intruder would do it; the process starts from it. */
  const runFrom = (source: string, args: readonly string[]) => {
    endProcess();
    copyFileSync(source, `${program}.new`);
    renameSync(`${program}.new`, program);
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    child.unref();
    writeFileSync(pidFile, String(child.pid));
  };
  const endProcess = () => {
    const pid = mainPid({ pid_file: pidFile });
    if (pid !== 0) process.kill(pid, 'SIGKILL');
  };
  runFrom('/bin/sleep', ['infinity']);
  stage.atEnd(endProcess);
  changeUnits(units, (table) => ({
    ...table,
    [UNIT]: { pid_file: pidFile, start: [program, 'infinity'] },
  }));
  const sha256 = createHash('sha256').update(readFileSync(program)).digest('hex');

  return {
    id: 'antivirus',
    section: {
      units: [{ unit: UNIT, executable: program, sha256 }],
      signatures: [{ name: 'demo', paths: ['/var/lib/demo-antivirus/signatures'] }],
    },
    real: 'a process whose executable is hashed, the age of its signatures',
    simulated: 'PID 1’s view of the unit, its restart',
    violations: [
      {
        title: 'the service is killed',
        finding: 'unit_not_active',
        heals: true,
        violate: endProcess,
        restore: () => {
          if (mainPid({ pid_file: pidFile }) === 0) runFrom('/bin/sleep', ['infinity']);
        },
      },
      {
        title: 'another program runs in its place',
        finding: 'executable_differs',
        heals: false,
        violate: () => runFrom('/bin/tail', ['-f', '/dev/null']),
        restore: () => runFrom('/bin/sleep', ['infinity']),
      },
      {
        title: 'the signatures are a week old',
        finding: 'signatures_stale',
        heals: false,
        violate: () => age(database, 7),
        restore: () => age(database, 0),
      },
    ],
  };
}

function age(file: string, days: number): void {
  const then = Date.now() / 1000 - days * 86_400;
  utimesSync(file, then, then);
}
