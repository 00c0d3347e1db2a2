import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CheckState } from '../../src/wire/verdict.ts';
import { agentPaths, buildAgentSide } from '../agent-side.ts';
import { buildClinic } from '../clinic.ts';
import { type Stored, storedSince } from '../evidence.ts';
import { setStage } from '../stage.ts';
import { widenPath } from '../tools.ts';
import { Command, type Possible, type Seen } from './field.ts';
import { layLine } from './line.ts';
import { readScenario } from './scenario.ts';

/**
 * A program: one simulated host of the fleet, with the shipped agent on it. `--name` is its name in the scenario,
 * `--identity` the folder with its certificate and the keys that it trusts, `--server` HOST:PORT of NGINX. It prints
 * where it listens for the demo, and ends with SIGTERM.
 */
const { values } = parseArgs({
  options: {
    ...{ name: { type: 'string' }, identity: { type: 'string' }, server: { type: 'string' } },
    listen: { type: 'string', default: '127.0.0.1:0' },
  },
});
const { name = '', identity = '', server = '', listen } = values;
const own = readScenario().hosts.find((host) => host.name === name);
if (own === undefined) throw new Error(`the scenario has no host ${name}`);
process.umask(0o022);
widenPath();

const stage = setStage();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void stage.strike({ keep: false }).then(() => process.exit(0)));
}
const [serverHost = '', serverPort = ''] = server.split(':');
const line = await layLine({ host: serverHost, port: Number(serverPort) });
stage.atEnd(line.close);
const paths = agentPaths(stage);
const { config, stateDir } = paths;
const clinic = await buildClinic(stage, { config, now: new Date(), wanted: own.controls });
const file = (suffix: string) => join(identity, suffix);
const agent = buildAgentSide(stage, {
  ...{ paths, clinic },
  identity: { hostId: name, siteId: own.site, resellerId: own.reseller },
  connection: {
    url: `https://127.0.0.1:${line.port}`,
    ...{ ca: file('ca.pem'), cert: file(`${name}.pem`), key: file(`${name}.key`) },
    ...{ receiptKeys: file('receipt.pem'), orderKeys: file('operators.pem') },
  },
  // Disruptive remedies may run at any time: the maintenance window is the other demo's.
  settings: { poll_interval: 2, allow_disruptive_outside_window: true },
});
clinic.begin();

const violationOf = (control: string, finding: string) => {
  const { violations } = clinic.controls.find(({ id }) => id === control) ?? { violations: [] };
  const found = violations.find((violation) => violation.finding === finding);
  if (found === undefined) throw new Error(`${control} cannot be broken so: ${finding}`);
  return found;
};
const possible = (): Possible =>
  clinic.controls.flatMap(({ id: control, real, simulated, violations }) =>
    violations.map(({ finding, heals }) => ({ control, finding, heals, real, simulated })),
  );

async function obey(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'enrolment':
      return agent.enrolment;
    case 'start':
      return agent.startAgent();
    case 'violations':
      return possible();
    case 'violate':
      return void (await violationOf(command.control, command.finding).violate());
    case 'restore':
      return void (await violationOf(command.control, command.finding).restore());
    case 'cut':
      return line.cut();
    case 'join':
      return line.join();
    case 'evidence':
      return storedSince(stateDir, command.after).map(seenIn);
  }
}

function seenIn({ bundle, position, receipted }: Stored): Seen {
  const [pre, post] = [bundle.pre_state, bundle.post_state].map(
    (state) => CheckState.safeParse(state).data,
  );
  const rules = [pre, post].flatMap((state) => state?.findings ?? []).map(({ rule }) => rule);
  const { check, outcome } = bundle;
  return { position, check, outcome, rules, verdict: post?.verdict ?? null, receipted };
}

const control = createServer(async (request, response) => {
  let text = '';
  for await (const part of request) text += part;
  try {
    const answer = await obey(Command.parse(JSON.parse(text)));
    response.end(JSON.stringify(answer ?? null));
  } catch (error) {
    response.statusCode = 500;
    response.end(error instanceof Error ? error.message : String(error));
  }
});
stage.atEnd(() => void control.close());
await agent.startSockets();
const [address = '', port = '0'] = listen.split(':');
control.listen(Number(port), address, () => {
  const at = control.address();
  if (typeof at === 'object' && at !== null)
    console.log(`listening at http://${address}:${at.port}`);
});
