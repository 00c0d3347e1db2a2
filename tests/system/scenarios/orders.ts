import type { Plan } from '../../../agent/src/core/plan.ts';
import { AGENT_OF_SERVER, enrolAndServe, holdAgent, installServer } from '../control-server.ts';
import { handOver } from '../hand-over.ts';
import type { Machine } from '../machine.ts';
import { addSystem, becomeNixos, links, simulateTimeService } from '../nixos.ts';
import { bundlesOf, expectTrue, isCompliant, type Scenario, type Stage } from '../scenario.ts';

const CONFIG = '/etc/compliance-agent/config.yaml';
/** An uploader with an empty queue asks for orders every half minute. */
const PATIENCE = 75;

export const scenario: Scenario = {
  name: 'orders',
  proves:
    'drift → request → an operator signs elsewhere → deferred until the window, then obeyed and receipted, and never twice',
  settings: {
    ...AGENT_OF_SERVER,
    orders_allow: ['update_to_baseline_generation'],
    maintenance_window: closedWindow(new Date()),
  },
  checks: { patching: { max_age_days: 3650 } },
  prepare(machine) {
    simulateTimeService(machine);
    holdAgent(machine);
  },
  async play(machine, stage) {
    const operator = await installServer(machine);
    try {
      const good = await addSystem(machine, 1);
      const other = await addSystem(machine, 2);
      await becomeNixos(machine, good);
      await enrolAndServe(machine);
      await machine.until('compliant to begin with', () => isCompliant(machine, 'patching'));
      await machine.must(`${other}/bin/switch-to-configuration switch`);

      const id = await machine.until('a request', () => requested(machine), PATIENCE);
      stage.seen('drift is a request at the server');
      const envelope = await operator.sign(
        await machine.must(`compliance-server orders export ${id}`),
      );
      machine.write('/var/tmp/signed.json', envelope);
      await machine.must('compliance-server orders import /var/tmp/signed.json');
      stage.seen('exported, signed where the key is, imported');

      await waitForWindow(machine, stage, envelope);
      expectTrue((await links(machine)).running === other, 'nothing was switched meanwhile');

      openWindow(machine);
      await machine.must('systemctl reload compliance-agent');
      const bundle = await machine.until(
        'obeyed and proved',
        () => bundlesOf(machine, 'patching').find(({ order_id }) => order_id === id),
        PATIENCE,
      );
      expectTrue(bundle.outcome === 'success', `${bundle.outcome} ${JSON.stringify(bundle.error)}`);
      const now = await links(machine);
      expectTrue(now.running === good && now.boot === good, JSON.stringify(now));
      stage.seen('the window opens: obeyed, healed, and evidence that names the order');

      await machine.until('a receipt', () => isReceipted(machine, bundle.bundle_id), PATIENCE);
      await machine.until('done at the server', () => isDone(machine, id), PATIENCE);
      stage.seen('the server receipted that evidence and lists the order as done');
      await refuseAgain(machine, stage, envelope);
    } finally {
      operator.remove();
    }
  },
};

/** The agent has the order and waits; root, asked directly, says the same, and the order is not spent by that. */
async function waitForWindow(machine: Machine, { seen }: Stage, envelope: string): Promise<void> {
  await machine.until(
    'the agent has the order and defers it',
    async () => {
      const plans = JSON.parse(await machine.must('compliance-agent plan --json')) as (Plan & {
        check: string;
      })[];
      return plans.some(
        ({ check, step, reason }) =>
          check === 'patching' && step === 'defer' && reason === 'outside_window',
      );
    },
    PATIENCE,
  );
  const { stdout } = await machine.run('compliance-agent orders list');
  expectTrue(/ approved +patching /.test(stdout), stdout);
  const answer = await handOver(machine, envelope);
  expectTrue(!answer.ran && answer.outcome === 'deferred', JSON.stringify(answer));
  seen('outside the window: the agent defers it, and so does root when it is handed over');
}

async function refuseAgain(machine: Machine, { seen }: Stage, envelope: string): Promise<void> {
  const refused = async (what: string) => {
    const answer = await handOver(machine, envelope);
    expectTrue(
      !answer.ran && answer.error.params['reason'] === 'order replayed',
      JSON.stringify(answer),
    );
    seen(`${what}: refused, order replayed`);
  };
  await refused('the same order again');
  const imported = await machine.run('compliance-server orders import /var/tmp/signed.json');
  expectTrue(imported.code !== 0, `imported twice: ${imported.stdout}`);
  seen('the server does not take it twice either');
  await machine.must(
    'systemctl stop compliance-agent; find /var/lib/compliance-agent -mindepth 1 ! -name signing.key -delete; systemctl start compliance-agent',
  );
  await machine.until('a new database', () => bundlesOf(machine, 'patching').length > 0);
  await refused('after the agent’s database was wiped');
}

async function requested(machine: Machine): Promise<string | undefined> {
  const list = 'compliance-server orders list --state requested --host clinic-1 --json';
  const orders: { order_id: string }[] = JSON.parse(await machine.must(list));
  return orders[0]?.order_id;
}

async function isDone(machine: Machine, id: string): Promise<boolean> {
  return (await machine.must('compliance-server orders list --state done --json')).includes(id);
}

async function isReceipted(machine: Machine, bundleId: string): Promise<boolean> {
  const find = `find /var/lib/compliance-agent/evidence -path '*${bundleId}/receipt.sig'`;
  return (await machine.must(find)) !== '';
}

/** Two hours that begin twelve hours from now. */
function closedWindow(now: Date): string {
  const hour = (ahead: number) => String((now.getUTCHours() + ahead) % 24).padStart(2, '0');
  return `${hour(12)}:00-${hour(14)}:00`;
}

function openWindow(machine: Machine): void {
  const settings = JSON.parse(machine.read(CONFIG));
  machine.write(CONFIG, JSON.stringify({ ...settings, allow_disruptive_outside_window: true }));
}
