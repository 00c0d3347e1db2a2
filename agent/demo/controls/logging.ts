import { writeFileSync } from 'node:fs';
import type { Control } from '../control.ts';
import type { Namespaces } from '../namespace.ts';
import type { Stage } from '../stage.ts';
import { changeUnits, mainPid } from '../units.ts';

/** The real journald in a mount namespace of the demo’s; the canary is written to it and read back. */
export async function loggingControl({
  stage,
  units,
  namespaces,
}: {
  stage: Stage;
  units: string;
  namespaces: Namespaces;
}): Promise<Control> {
  const pidFile = stage.path('pids', 'journald-unit');
  const begin = async () => writeFileSync(pidFile, String(await namespaces.startJournald()));
  await begin();
  changeUnits(units, (table) => ({
    ...table,
    'systemd-journald.service': { pid_file: pidFile, start: namespaces.journald },
    // Without systemd journald listens on sockets of its own.
    'systemd-journald.socket': { active: true },
    'systemd-journald-dev-log.socket': { active: true },
  }));
  stage.atEnd(() => {
    const pid = mainPid({ pid_file: pidFile });
    if (pid !== 0) process.kill(pid, 'SIGKILL');
  });
  const signal = (name: NodeJS.Signals) => process.kill(mainPid({ pid_file: pidFile }), name);

  return {
    id: 'logging',
    section: {
      units: [{ unit: 'systemd-journald.service' }],
      canary_max_latency_ms: 1000,
      min_free_bytes: 0,
    },
    real: 'journald in a mount namespace, a canary written and read back',
    simulated: 'PID 1’s view of the unit, its restart',
    violations: [
      {
        title: 'journald hangs: lines are taken and lost',
        finding: 'canary_lost',
        heals: true,
        violate: () => void signal('SIGSTOP'),
        restore: () => {},
      },
      {
        title: 'journald is killed',
        finding: 'unit_not_active',
        heals: true,
        violate: () => void signal('SIGKILL'),
        restore: () => {},
      },
    ],
  };
}
