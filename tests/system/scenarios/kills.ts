import { setTimeout as pause } from 'node:timers/promises';
import { Journal } from '../../../agent/src/core/journal.ts';
import { readResults } from '../../../agent/src/effects/root/results.ts';
import type { Machine } from '../machine.ts';
import { bundlesOf, expectTrue, type Scenario } from '../scenario.ts';

/** KILLS=300 npm run test:system -- kills: the long form. */
const KILLS = Number(process.env['KILLS'] ?? 24);
const ROOT = '/var/lib/compliance-agent-root';
const JOURNAL = '/var/lib/compliance-agent/journal.json';

export const scenario: Scenario = {
  name: 'kills',
  proves:
    'agent or remedy killed at random points of detect → heal → record: one run an intent, one bundle a run',
  settings: { poll_interval: 1, remedy_runs_per_hour: 3600, rebuild_health_check_timeout: 5 },
  checks: { antivirus: { units: [{ unit: 'clinic-av.service' }] } },
  prepare(machine) {
    machine.write(
      '/usr/lib/systemd/system/clinic-av.service',
      '[Service]\nExecStart=sleep infinity\n',
    );
  },
  async play(machine, { seen }) {
    const killed = { agent: 0, remedy: 0, runs: 0, interrupted: 0 };
    for (let number = 0; number < KILLS; number += 1) {
      await freshStart(machine);
      const intentsBefore = new Set(intents(machine));
      await machine.must('systemctl stop clinic-av.service');
      await pause(Math.random() * 5000);
      const target = Math.random() < 0.5 ? 'agent' : 'remedy';
      const unit =
        target === 'agent' ? 'compliance-agent.service' : "'compliance-agent-remedy-*.service'";
      await machine.run(`systemctl kill --signal=SIGKILL ${unit}`);
      killed[target] += 1;
      await machine.until(
        `kill ${number + 1} (${target}): everything has ended and is recorded`,
        () => isSettled(machine),
        60,
      );
      const runs = readResults(machine.path(ROOT));
      for (const run of runs) {
        const bundles = recorded(machine, run.number);
        expectTrue(bundles === 1, `result ${run.number} has ${bundles} bundles`);
      }
      killed.runs += runs.length;
      killed.interrupted += runs.filter(({ error }) => error?.code === 'interrupted').length;
      expectTrue(intentsBefore.size === 0, 'no intent was left before');
    }
    const { agent, remedy, runs, interrupted } = killed;
    seen(
      `${agent} kills of the agent, ${remedy} of the remedy: ${runs} runs (${interrupted} cut off and settled), each with one bundle`,
    );
  },
};

/** The unit runs, and nothing of an earlier round is left that would be a relapse. */
async function freshStart(machine: Machine): Promise<void> {
  await machine.must(`systemctl stop compliance-agent; rm -f ${JOURNAL} ${ROOT}/results/*`);
  await machine.must('systemctl start clinic-av.service compliance-agent.service');
}

function intents(machine: Machine): string[] {
  try {
    return Journal.parse(JSON.parse(machine.read(JOURNAL))).intents.map(({ id }) => id);
  } catch {
    return [];
  }
}

function recorded(machine: Machine, number: number): number {
  return bundlesOf(machine, 'antivirus').filter(({ action_taken: [first] }) =>
    first?.command.endsWith(` result ${number}`),
  ).length;
}

/** At least one run, none under way, each recorded, and no intent open. */
function isSettled(machine: Machine): boolean {
  const runs = readResults(machine.path(ROOT));
  return (
    runs.length > 0 &&
    runs.every(({ state, number }) => state === 'finished' && recorded(machine, number) > 0) &&
    intents(machine).length === 0
  );
}
