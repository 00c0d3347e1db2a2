import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { publicKeyToPem } from '../../src/core/keys.ts';
import { createClient } from '../../src/effects/upload/client.ts';
import { tableText } from '../../src/terminal/table.ts';
import { sha256Hex } from '../../src/wire/canonical.ts';
import { type SimulatedAgent, simulateFleet } from './agent.ts';
import { SHAPES, type Shape } from './plan.ts';
import { enrolmentOf, sendAll } from './send.ts';

const HELP = `Makes the evidence of simulated agents: single violations, storms, flapping, spells without a server.
The same seed gives the same bytes. What they watch is invented; their chains and signatures are real.

  npm --prefix agent run demo:drift -- [--seed 1] [--hosts 3] [--days 2] [--from 2026-11-01] [--shape SHAPE]

  --shape SHAPE     every day is ${SHAPES.join(', ')} (default: as it comes)
  --events          print each event as a line of JSON
  --write FOLDER    write each host's evidence and public key, for compliance-agent evidence verify --dir
  --enrol FOLDER    write what compliance-server hosts enrol takes of each host
  --send URL --ca FILE --identities FOLDER
                    send all to a server, in the order in which they could be sent; HOST.pem and HOST.key of each
                    host lie in that folder
`;
const { values } = parseArgs({
  options: {
    ...{ seed: { type: 'string' }, hosts: { type: 'string' }, days: { type: 'string' } },
    ...{ from: { type: 'string' }, shape: { type: 'string' }, events: { type: 'boolean' } },
    ...{ write: { type: 'string' }, enrol: { type: 'string' }, send: { type: 'string' } },
    ...{ ca: { type: 'string' }, identities: { type: 'string' }, help: { type: 'boolean' } },
  },
});

if (values.help) process.stdout.write(HELP);
else if (values.shape !== undefined && !(SHAPES as readonly string[]).includes(values.shape)) {
  process.stderr.write(`--shape: expected one of ${SHAPES.join(', ')}\n`);
  process.exitCode = 64;
} else {
  const fleet = simulateFleet({
    seed: values.seed ?? '1',
    hosts: Number(values.hosts ?? 3),
    days: Number(values.days ?? 2),
    from: Date.parse(values.from ?? '2026-11-01'),
    shape: values.shape as Shape | undefined,
  });
  if (values.events) printEvents(fleet);
  else print(fleet);
  if (values.enrol !== undefined) writeEach(values.enrol, fleet, 'json', enrolmentOf);
  if (values.write !== undefined) for (const agent of fleet) writeEvidence(values.write, agent);
  const { send: url, ca: caFile, identities } = values;
  if (url !== undefined && caFile !== undefined && identities !== undefined) {
    const sent = await sendAll(fleet, ({ hostId }) =>
      createClient({
        ...{ url, caFile },
        certFile: join(identities, `${hostId}.pem`),
        keyFile: join(identities, `${hostId}.key`),
      }),
    );
    process.stdout.write(`${sent} bundles received\n`);
  }
}

/** A line for each host; the digest is of all its bundles, so that two runs are compared at a glance. */
function print(fleet: readonly SimulatedAgent[]): void {
  const rows = fleet.map(({ hostId, plan, bundles }) => {
    const written = [...bundles()];
    const count = (kind: string) => plan.events.filter((event) => event.kind === kind).length;
    const late = written.filter(({ at, sentAt }) => sentAt > at).length;
    const digest = sha256Hex(Buffer.concat(written.map(({ bytes }) => bytes))).slice(0, 16);
    const shapes = plan.shapes.join(' ');
    return [hostId, shapes, ...[count('breaks'), written.length, late].map(String), digest];
  });
  const head = ['HOST', 'DAYS', 'VIOLATIONS', 'BUNDLES', 'LATE', 'SHA256'];
  process.stdout.write(`${tableText(head, rows)}\nWhat these agents watch is simulated.\n`);
}

function printEvents(fleet: readonly SimulatedAgent[]): void {
  for (const { hostId, plan } of fleet) {
    for (const { at, kind, ...rest } of plan.events) {
      const about =
        'violation' in rest ? { check: rest.violation.check, rule: rest.violation.rule } : {};
      const event = { at: new Date(at).toISOString(), host_id: hostId, kind, ...about };
      process.stdout.write(`${JSON.stringify(event)}\n`);
    }
  }
}

function writeEach(
  folder: string,
  fleet: readonly SimulatedAgent[],
  suffix: string,
  text: (agent: SimulatedAgent) => string,
): void {
  mkdirSync(folder, { recursive: true });
  for (const agent of fleet) writeFileSync(join(folder, `${agent.hostId}.${suffix}`), text(agent));
}

/** As the real agent lays its evidence out (DESIGN 6). */
function writeEvidence(folder: string, { hostId, signer, bundles }: SimulatedAgent): void {
  mkdirSync(join(folder, hostId), { recursive: true });
  writeFileSync(join(folder, hostId, 'host.pem'), publicKeyToPem(signer.publicKey));
  for (const { at, bundleId, bytes, signature } of bundles()) {
    const day = new Date(at).toISOString().slice(0, 10).replaceAll('-', '/');
    const place = join(folder, hostId, 'evidence', day, bundleId);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'bundle.json'), bytes);
    writeFileSync(join(place, 'bundle.sig'), signature);
  }
}
