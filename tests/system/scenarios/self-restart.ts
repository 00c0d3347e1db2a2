import { readdirSync } from 'node:fs';
import { addSystem, becomeNixos, links, simulateTimeService } from '../nixos.ts';
import { bundlesOf, expectTrue, isCompliant, type Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  name: 'self-restart',
  proves:
    'a switch that restarts the agent in the middle of its own remedy ends once, and its evidence is complete',
  settings: {
    remedies: { update_to_baseline_generation: { mode: 'auto' } },
    allow_disruptive_outside_window: true,
  },
  checks: { patching: { max_age_days: 3650 } },
  prepare: simulateTimeService,
  async play(machine, { seen }) {
    const good = await addSystem(machine, 1, {
      activate: 'systemctl restart compliance-agent.service; sleep 2',
    });
    const other = await addSystem(machine, 2);
    await becomeNixos(machine, good);
    await machine.until('compliant to begin with', () => isCompliant(machine, 'patching'));
    const pid = await machine.must('systemctl show -P MainPID compliance-agent');
    await machine.must(`${other}/bin/switch-to-configuration switch`);
    const healed = () =>
      bundlesOf(machine, 'patching').filter(
        ({ runbook_id, action_taken }) =>
          runbook_id === 'update_to_baseline_generation' && action_taken.length > 0,
      );
    await machine.until('healed and proved', () => healed().length > 0);
    expectTrue(
      (await machine.must('systemctl show -P MainPID compliance-agent')) !== pid,
      'another agent now',
    );
    await machine.until('two more cycles', async () => {
      const log = await machine.must('journalctl -u compliance-agent -o cat -b --no-pager');
      return (log.split('"msg":"remedy ended"').at(-1)?.split('"msg":"cycle"').length ?? 0) > 2;
    });
    const [bundle, ...more] = healed();
    expectTrue(
      bundle?.outcome === 'success' && more.length === 0,
      `one bundle, a success: ${JSON.stringify(healed().map(({ outcome, error }) => ({ outcome, error })))}`,
    );
    expectTrue(bundle.pre_state !== null, 'with what was before');
    const results = readdirSync(machine.path('/var/lib/compliance-agent-root/results'));
    expectTrue(results.length === 1, `one run: ${results}`);
    expectTrue((await links(machine)).running === good, 'the accepted system runs');
    seen('one run, one bundle with before and after, written by the agent that came after');
  },
};
