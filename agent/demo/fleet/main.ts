import { parseArgs } from 'node:util';
import { setStage } from '../stage.ts';
import { CONTROL_IDS, installTools, lacks, widenPath } from '../tools.ts';
import { enterStack } from './enter.ts';
import { install, lacking, startStack } from './loopback.ts';
import { play } from './play.ts';
import { finish, rowsShown, say } from './rows.ts';
import { readScenario } from './scenario.ts';

const HELP = `The control server of a fleet, whole, on loopback: PostgreSQL, NGINX with mTLS, two servers, three agents on
simulated hosts and a fleet of simulated agents. It plays agent/demo/fleet/scenario.json and checks itself.

  npm --prefix agent run demo:stack [-- --keep] [-- --json]

  --keep   leave everything running, and print the viewer’s address with a one-time token
  --json   print the table as JSON
`;
const { values } = parseArgs({
  options: { keep: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
const { keep = false, json = false, help = false } = values;

widenPath();
if (help) process.stdout.write(HELP);
else if (ready()) await demonstrate();

/** Whether the machine has what the stack is made of; with root’s rights it gets what is missing. */
function ready(): boolean {
  const root = process.getuid?.() === 0;
  if (root && lacking().length > 0) install(lacking());
  if (root && CONTROL_IDS.some((id) => lacks(id).length > 0)) installTools();
  const missing = lacking();
  if (missing.length === 0) return true;
  say(`This machine lacks ${missing.join(' and ')}: apt-get install ${missing.join(' ')}`);
  process.exitCode = 1;
  return false;
}

async function demonstrate(): Promise<void> {
  const stage = setStage();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void stage.strike({ keep: false }).then(() => process.exit(1)));
  }
  const { rows, show } = rowsShown();
  let broken = false;
  try {
    const scenario = readScenario();
    say('PostgreSQL, two servers, NGINX and three hosts start …');
    const { url, prepared, hosts: addresses } = await startStack(stage, scenario);
    const about = { form: 'loopback', url, prepared, addresses, now: new Date() } as const;
    const field = await enterStack(scenario, { ...about, folder: stage.folder });
    await play(scenario, field, show);
    for (const viewer of field.viewers.values()) await viewer.close();
    if (keep) {
      const [auditor] = scenario.readers;
      say(`The viewer is at ${url} (its certificate is of the demo’s own authority).`);
      say(`${auditor?.name} signs in at ${url}/sign-in with ${field.token(auditor?.name ?? '')}`);
    }
  } catch (error) {
    broken = true;
    say(`the demo itself broke: ${error instanceof Error ? error.message : String(error)}`);
  }
  const ok = finish(rows, { json }) && !broken;
  if (!ok) process.exitCode = 1;
  if (keep) say(`Everything runs on in ${stage.folder}; end it with Ctrl-C.`);
  else await stage.strike({ keep: !ok });
  if (!ok && !keep) say(`Logs are kept in ${stage.folder}/logs.`);
}
