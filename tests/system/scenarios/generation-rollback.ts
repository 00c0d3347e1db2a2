import { createSigner } from '../../../agent/src/core/ed25519.ts';
import { sealEnvelope } from '../../../agent/src/core/envelope.ts';
import { publicKeyToPem } from '../../../agent/src/core/keys.ts';
import { handOver } from '../hand-over.ts';
import { addSystem, becomeNixos, links, simulateTimeService } from '../nixos.ts';
import { bundlesOf, expectTrue, isCompliant, type Scenario } from '../scenario.ts';

const operator = createSigner(new Uint8Array(32).fill(9));
let sequence = 0;
function order(generation: string): string {
  sequence += 1;
  const payload = {
    type: 'compliance-agent/order/v1',
    order_id: `0b54c1b2-6c5e-4b7e-9a43-0d1d2c3b4a5${sequence}`,
    runbook_id: 'update_to_baseline_generation',
    params: { generation },
    nonce: sequence.toString(16).padStart(32, '0'),
    sequence,
    issued_at: new Date().toISOString(),
    ttl: 3600,
    host_id: 'clinic-1',
    site_id: 'site-1',
  };
  return JSON.stringify(sealEnvelope(payload, operator));
}

export const scenario: Scenario = {
  name: 'generation-rollback',
  proves:
    'an ordered generation that is not healthy goes back to the exact earlier one; a spent order is never taken again',
  settings: {
    order_keys_file: '/etc/compliance-agent/operators.pem',
    orders_allow: ['update_to_baseline_generation'],
    allow_disruptive_outside_window: true,
    rebuild_health_check_timeout: 8,
  },
  checks: { patching: { max_age_days: 3650 } },
  prepare(machine) {
    simulateTimeService(machine);
    machine.write('/etc/compliance-agent/operators.pem', publicKeyToPem(operator.publicKey));
    machine.write(
      '/usr/lib/systemd/system/ehr.service',
      '[Service]\nExecStart=sh -c "sleep 1; exit 1"\n',
    );
    machine.write(
      '/usr/lib/systemd/system/unrelated.service',
      '[Service]\nType=oneshot\nExecStart=false\n',
    );
  },
  async play(machine, { seen }) {
    const first = await addSystem(machine, 1);
    const sick = await addSystem(machine, 2, { activate: 'systemctl start ehr.service' });
    const half = await addSystem(machine, 3, { exitSwitch: 1 });
    const good = await addSystem(machine, 4, { exitSwitch: 4 });
    await becomeNixos(machine, first);
    await machine.until('the first start accepted what runs', () =>
      isCompliant(machine, 'patching'),
    );
    await machine.run('systemctl start unrelated.service');
    const before = await links(machine);

    for (const [what, system] of [
      ['a unit fails after the switch', sick],
      ['the switch fails after the boot default was written', half],
    ] as const) {
      const answer = await handOver(machine, order(system));
      expectTrue(answer.ran && answer.result.outcome === 'reverted', JSON.stringify(answer));
      const after = await links(machine);
      expectTrue(
        JSON.stringify(after) === JSON.stringify(before),
        `as before: ${JSON.stringify(after)}`,
      );
      seen(`${what}: reverted, the same running system, profile link and boot default`);
    }
    await machine.must('systemctl reset-failed ehr.service');

    const envelope = order(good);
    const answer = await handOver(machine, envelope);
    expectTrue(answer.ran && answer.result.outcome === 'success', JSON.stringify(answer));
    const now = await links(machine);
    expectTrue(
      now.running === good && now.profile === good && now.boot === good,
      JSON.stringify(now),
    );
    seen(
      'exit code 4 for an unrelated failed unit does not fail it: the ordered generation runs and will boot',
    );
    expectTrue(
      machine.read('/var/lib/compliance-agent-root/accepted-generation') === `${good}\n`,
      'it is accepted',
    );

    const refused = async (what: string, reason: string) => {
      const again = await handOver(machine, envelope);
      expectTrue(!again.ran && again.error.params.reason === reason, JSON.stringify(again));
      seen(`${what}: refused, ${reason}`);
    };
    await refused('the same order again', 'order replayed');
    await machine.must(
      'systemctl stop compliance-agent; rm -rf /var/lib/compliance-agent/*; systemctl start compliance-agent',
    );
    await refused('after the agent’s own database was wiped', 'order replayed');
    await machine.must('rm /var/lib/compliance-agent-root/state.json');
    await refused('after root’s state was wiped', 'order before_state');
    await machine.until(
      'evidence of all that root did',
      () =>
        bundlesOf(machine, 'patching').filter(({ runbook_id }) => runbook_id !== null).length >= 3,
    );
    seen('a new database takes what was done from root’s own results');
  },
};
