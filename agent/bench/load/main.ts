import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Authority, createAuthority } from '../../demo/certificates.ts';
import { publicKeyToPem } from '../../src/core/keys.ts';
import { tableText } from '../../src/terminal/table.ts';
import { WORK } from '../programs.ts';
import { createLoadHost, type LoadHost } from './bundles.ts';
import { connectClients, sendAll } from './clients.ts';
import { prepareServer } from './prepare.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { FLOOR, FLOOR_STAGES, SERVERS, type Subject } from './subjects.ts';

/**
 * Loads the server with signed bundles over kept mTLS connections and says how many it takes per second of its own
 * CPU, beside the machine’s floor in the same run: `npm --prefix agent run load [-- SUBJECT…] [--json] [--clients=64]
 * [--bundles=200]`, the last for each client.
 */
const args = process.argv.slice(2);
const number = (name: string, otherwise: number) =>
  Number(args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise);
const clients = number('clients', 64);
const bundles = number('bundles', 200);
const warmUp = Math.ceil(bundles / 4);
const wanted = args.filter((arg) => !arg.startsWith('--'));
const subjects = [...FLOOR, ...SERVERS].filter(
  ({ name }) => wanted.length === 0 || wanted.includes(name),
);

const FLOOR_PROGRAM = fileURLToPath(new URL('./floor.js', import.meta.url));
const folder = mkdtempSync(join(WORK, 'load-'));
const authority = await createAuthority({ name: 'Load authority' });
try {
  const results = [];
  for (const subject of subjects) {
    process.stderr.write(`${subject.words} …\n`);
    results.push(await measure(subject));
  }
  print(results);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Result = Subject & {
  perCoreSecond: number;
  perSecond: number;
  p50: number;
  p99: number;
};

async function measure(subject: Subject): Promise<Result> {
  const place = join(folder, subject.name);
  mkdirSync(place);
  const hosts = Array.from({ length: clients }, (_, index) => createLoadHost(index));
  await writeTls(place, authority, hosts);
  const { server, end } = await start(subject, { place, hosts });
  const connected = await connectClients({
    url: server.url,
    authority,
    hosts: hosts.map(({ hostId, next }) => ({
      hostId,
      bodies: Array.from({ length: warmUp + bundles }, next),
    })),
  });
  try {
    await sendAll(connected, { from: 0, to: warmUp });
    const before = server.cpu();
    const { seconds, latencies } = await sendAll(connected, { from: warmUp, to: Infinity });
    const cpu = server.cpu() - before;
    const sorted = [...latencies].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    const { length } = latencies;
    return {
      ...subject,
      perCoreSecond: length / cpu,
      perSecond: length / seconds,
      p50: at(0.5),
      p99: at(0.99),
    };
  } finally {
    await Promise.all(connected.map(({ client }) => client.destroy()));
    await server.stop();
    await end();
  }
}

async function start(
  { name }: Subject,
  { place, hosts }: { place: string; hosts: readonly LoadHost[] },
): Promise<{ server: ServerProcess; end: () => Promise<void> }> {
  if ((FLOOR_STAGES as readonly string[]).includes(name)) {
    return { server: await startServer([FLOOR_PROGRAM, name, place]), end: async () => {} };
  }
  const { command, end } = await prepareServer({ name, place, hosts });
  return { server: await startServer(command), end };
}

async function writeTls(
  place: string,
  { certificate, issueServer }: Authority,
  hosts: readonly LoadHost[],
): Promise<void> {
  const server = await issueServer({ names: ['127.0.0.1', 'localhost'] });
  const keys = hosts.map(({ hostId, signer }) => [hostId, publicKeyToPem(signer.publicKey)]);
  const files = {
    'ca.crt': certificate,
    'server.crt': server.certificate,
    'server.key': server.key,
    'host-keys.json': JSON.stringify(Object.fromEntries(keys)),
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(place, name), text, { mode: 0o600 });
  }
}

function print(results: readonly Result[]): void {
  if (args.includes('--json')) {
    console.log(JSON.stringify({ clients, bundles, results }, null, 2));
    return;
  }
  const figure = (value: number, digits = 0) => value.toFixed(digits);
  const head = ['WHAT', 'PER CORE-SECOND', 'GOAL', 'PER SECOND', 'P50 MS', 'P99 MS'];
  const rows = results.map(({ words, goal, perCoreSecond, perSecond, p50, p99 }) => [
    words,
    figure(perCoreSecond),
    goal === undefined ? '' : String(goal),
    figure(perSecond),
    figure(p50, 1),
    figure(p99, 1),
  ]);
  console.log(tableText(head, rows));
}
