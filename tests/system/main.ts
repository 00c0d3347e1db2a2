import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { missing } from '../support/suite.ts';
import { bootMachine, MACHINE_NEED, type Machine } from './machine.ts';
import { debianRoot } from './root-folder.ts';
import { POLL, type Scenario } from './scenario.ts';

/** npm run test:system [-- NAME …]: each scenario boots a machine of its own and says what it proves. */
let running: Machine | undefined;
/** An interrupted run leaves no machine behind. */
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void running?.stop().finally(() => process.exit(1)));

const wanted = process.argv.slice(2);
const reason = missing(MACHINE_NEED);
if (reason !== null) {
  console.log(`skipped: a real systemd needs root and Debian’s tools (${reason})`);
  process.exitCode = process.env['CI'] ? 1 : 0;
} else {
  await playAll();
}

async function playAll(): Promise<void> {
  const folder = new URL('./scenarios/', import.meta.url);
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -3))
    .filter((name) => wanted.length === 0 || wanted.includes(name))
    .sort();
  const root = await debianRoot((line) => console.log(line));
  let failed = 0;
  for (const name of names) {
    const { scenario } = (await import(new URL(`${name}.js`, folder).href)) as {
      scenario: Scenario;
    };
    if (!(await play(root, scenario))) failed += 1;
  }
  console.log(`\n${names.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || names.length === 0 ? 1 : 0;
}

async function play(root: string, scenario: Scenario): Promise<boolean> {
  const started = Date.now();
  console.log(`\n${scenario.name}: ${scenario.proves}`);
  let machine: Machine | undefined;
  try {
    machine = await bootMachine(root, (of) => {
      running = of;
      configure(of, scenario);
    });
    await scenario.play(machine, {
      seen: (what, seconds) =>
        console.log(`  ✓ ${what}${seconds === undefined ? '' : ` (${seconds.toFixed(1)} s)`}`),
    });
    await verifyEvidence(machine);
    console.log(`  passed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return true;
  } catch (error) {
    console.log(`  ✗ ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    await machine?.stop();
    running = undefined;
  }
}

function configure(machine: Machine, scenario: Scenario): void {
  const settings = {
    host_id: 'clinic-1',
    site_id: 'site-1',
    baseline_path: '/etc/compliance-agent/baseline.yaml',
    poll_interval: POLL,
    rebuild_health_check_timeout: 15,
    remedy_runs_per_hour: 100,
    ...scenario.settings,
  };
  const baseline = { version: 1, source: 'manual', checks: scenario.checks };
  machine.write('/etc/compliance-agent/config.yaml', JSON.stringify(settings, null, 2));
  machine.write('/etc/compliance-agent/baseline.yaml', JSON.stringify(baseline, null, 2));
  scenario.prepare?.(machine);
}

/** Every scenario ends so: the evidence that it left verifies by folder and public key alone. */
async function verifyEvidence(machine: Machine): Promise<void> {
  if (machine.bundles().length === 0) return;
  const state = machine.path('/var/lib/compliance-agent');
  const key = await machine.must(
    'openssl pkey -in /var/lib/compliance-agent/signing.key -pubout -out /var/tmp/host.pub; cat /var/tmp/host.pub',
  );
  if (!key.includes('PUBLIC KEY')) throw new Error('no public key');
  const program = new URL('../../../dist/compliance-agent.js', import.meta.url).pathname;
  const args = ['evidence', 'verify', '--dir', join(state, 'evidence')];
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [program, ...args, '--public-key', machine.path('/var/tmp/host.pub')],
    { reject: false },
  );
  if (exitCode !== 0) throw new Error(`the evidence does not verify:\n${stdout}\n${stderr}`);
}
