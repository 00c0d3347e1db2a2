import { parseArgs } from 'node:util';
import {
  actCompliant,
  actOffline,
  actOrder,
  actTampering,
  actViolation,
  type Play,
} from './acts.ts';
import { agentPaths } from './agent-side.ts';
import { buildClinic } from './clinic.ts';
import { type Row, renderTable } from './report.ts';
import { buildStack } from './stack.ts';
import { setStage } from './stage.ts';
import { CONTROL_IDS, installTools, lacks, widenPath } from './tools.ts';

/**
 * The whole job on one machine: a control server and an agent against a clinic host in a temporary folder. Each of the
 * controls is broken, detected, proved and received; then the server goes and comes back, and evidence is tampered with.
 */
const { values: options } = parseArgs({
  options: { keep: { type: 'boolean' }, json: { type: 'boolean' }, install: { type: 'boolean' } },
});
const { keep = false, json = false } = options;
const say = (text: string) => process.stderr.write(`${text}\n`);

widenPath();
if (options.install) installTools();
const rows: Row[] = [];
const show = (row: Row) => {
  rows.push(row);
  say(
    `${row.ok ? '✓' : '✗'} ${row.control}: ${row.what}: ${row.seen} (${row.seconds.toFixed(1)} s)`,
  );
};

const stage = setStage();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void stage.strike({ keep: false }).then(() => process.exit(1)));
}
const driver = process.ppid;
setInterval(() => {
  if (process.ppid !== driver) process.kill(process.pid, 'SIGTERM'); // who started us was killed
}, 500).unref();
let broken = false;
try {
  await play();
} catch (error) {
  broken = true;
  say(`the demo itself broke: ${error instanceof Error ? error.message : String(error)}`);
}

if (json) console.log(JSON.stringify(rows, null, 2));
else console.log(renderTable(rows));
const ok = !broken && rows.length > 0 && rows.every((row) => row.ok);
process.exitCode = ok ? 0 : 1;
if (keep) say(`Everything runs on in ${stage.folder}; end it with Ctrl-C.`);
else await stage.strike({ keep: !ok });
if (!ok && !keep) say(`Logs are kept in ${stage.folder}/logs.`);

async function play(): Promise<void> {
  const paths = agentPaths(stage);
  const clinic = await buildClinic(stage, { config: paths.config, now: new Date() });
  const stack = await buildStack(stage, paths, clinic);
  clinic.begin();
  await stack.startServer();
  await stack.startSockets();
  stack.startAgent();

  const play: Play = { stage, stack, paths, show };
  const { controls } = clinic;
  const [ordered, ...others] = controls; // patching keeps to orders, the others heal at once or alert
  await actCompliant(play, { controls, what: 'nothing yet' });
  // In turn over the controls, so that one is mended while the next is broken.
  const rounds = Math.max(...others.map(({ violations }) => violations.length));
  for (let round = 0; round < rounds; round += 1) {
    for (const control of others) {
      const violation = control.violations[round];
      if (violation !== undefined) await actViolation(play, control, violation);
    }
  }
  if (ordered !== undefined) await actOrder(play, ordered);
  await actCompliant(play, { controls, what: 'everything was mended' });
  for (const id of CONTROL_IDS) showMissing(id);
  const [first] = others;
  const violation = first?.violations.at(-1);
  if (first !== undefined && violation !== undefined) await actOffline(play, first, violation);
  await actTampering(play);
}

/** A control that this machine cannot make real is a row of its own, and in CI a failure. */
function showMissing(id: string): void {
  const missing = lacks(id);
  if (missing.length === 0) return;
  const seen = `left out: this machine has no ${missing.join(', ')}`;
  const what = 'not shown';
  show({
    control: id,
    what,
    expected: '',
    seen,
    ok: !process.env.CI,
    seconds: 0,
    real: '',
    simulated: '',
  });
}
