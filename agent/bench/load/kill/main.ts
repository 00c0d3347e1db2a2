import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { prepare } from '../../../demo/fleet/prepare.ts';
import { freePort } from '../../../demo/free-port.ts';
import { startPostgresql } from '../../../demo/postgresql.ts';
import { SERVER_PROGRAM } from '../../../demo/programs.ts';
import { widenPath } from '../../../demo/tools.ts';
import { createPlatformSigner } from '../../../src/core/ed25519.ts';
import { createClient } from '../../../src/effects/upload/client.ts';
import { PostgresqlSettings } from '../../../src/server/settings.ts';
import { openPostgresqlStore } from '../../../src/server/store/postgresql/open.ts';
import { sha256Hex } from '../../../src/wire/canonical.ts';
import { checkHost, verifyServer } from './check.ts';
import { checkCheckpoints, watchLog } from './checkpoints.ts';
import type { AgentTask } from './task.ts';
import { keepRunning, type Program, type Victim } from './victims.ts';

/**
 * Agents write and upload without a pause through NGINX and two servers to PostgreSQL, while each of them is killed at
 * any moment and begins again: `npm --prefix agent run load:kill [-- --kills=60] [--agents=4]`. Passes if no bundle that
 * was acknowledged is missing, none is there twice, and the log is one that only grew. `kill -9` spares the page cache:
 * what a power cut does is for fsync(2), which stays on, and is not shown.
 */
const number = (name: string, otherwise: number) =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise);
const kills = number('kills', 60);
const agents = number('agents', 4);
/** Milliseconds between two kills, and until what was killed begins again, at most. */
const BETWEEN = 700;
const DOWN = 400;
const AGENT = fileURLToPath(new URL('./agent.js', import.meta.url));
const say = (text: string) => process.stderr.write(`${text}\n`);

widenPath();
const folder = mkdtempSync('/var/tmp/load-kill-'); // on a disk, and PostgreSQL’s own user may go there
const postgresql = await startPostgresql({ durable: true, under: '/var/tmp' });
const programs: Program[] = [];
try {
  process.exitCode = (await killAndCheck()) ? 0 : 1;
} finally {
  await Promise.all(programs.map(({ end }) => end()));
  await postgresql.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function killAndCheck(): Promise<boolean> {
  const names = Array.from({ length: agents }, (_, index) => `agent-${index + 1}`);
  const settings = PostgresqlSettings.parse(await postgresql.makeDatabase('load'));
  const port = await freePort();
  const hosts = names.map((name) => ({ name, site: 'load', reseller: null, controls: [] }));
  const { configs, identities, nginxConfig } = await prepare(
    { about: '', hosts, readers: [], steps: [] },
    {
      folder,
      names: ['127.0.0.1'],
      ...{ address: '127.0.0.1', port },
      sockets: [1, 2].map((each) => join(folder, `server-${each}.sock`)),
      postgresql: settings,
    },
  );
  const receiptKeys = join(identities, 'receipt.pem');
  const connectionOf = (name: string): AgentTask['connection'] => ({
    url: `https://127.0.0.1:${port}`,
    caFile: join(identities, 'ca.pem'),
    certFile: join(identities, `${name}.pem`),
    keyFile: join(identities, `${name}.key`),
  });
  await enrolAll(settings, names);

  const run = (name: string, command: string, args: readonly string[]) => {
    const program = keepRunning(name, () => ({ command, args }));
    programs.push(program);
    return program;
  };
  const servers = configs.map((config, index) =>
    run(`server-${index + 1}`, process.execPath, [SERVER_PROGRAM, 'serve', '--config', config]),
  );
  const nginx = run('nginx', 'nginx', ['-c', nginxConfig, '-e', join(folder, 'nginx.log')]);
  const acknowledged = new Map(names.map((name) => [name, new Set<string>()]));
  const task = (name: string, what: AgentTask['what']): string => {
    const stateDir = join(folder, name);
    const about: AgentTask = {
      what,
      hostId: name,
      stateDir,
      connection: connectionOf(name),
      receiptKeys,
    };
    return JSON.stringify(about);
  };
  const start = (name: string, what: AgentTask['what']) => {
    mkdirSync(join(folder, name), { recursive: true });
    return keepRunning(name, () => ({
      command: process.execPath,
      args: [AGENT, task(name, what)],
      onLine: (line) => acknowledged.get(name)?.add(line),
    }));
  };
  const writers = names.map((name) => start(name, 'write'));
  programs.push(...writers);
  const total = () => [...acknowledged.values()].reduce((sum, { size }) => sum + size, 0);

  const client = await createClient({ ...connectionOf('agent-1'), delaysMs: [] });
  const database: Victim = { name: 'postgresql', kill: () => postgresql.crash() };
  const watching = watchLog(client, receiptKeys);
  const counts = await killAtRandom([...servers, nginx, database, ...writers], total);
  say(`killed: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}`);
  const seen = await watching.stop();
  await Promise.all(writers.map(({ end }) => end()));
  for (const name of names) await finish(name, task(name, 'finish'), acknowledged.get(name));

  const store = await openPostgresqlStore(settings);
  const faults: string[] = [];
  let bundles = 0;
  for (const [hostId, own] of acknowledged) {
    const held = await checkHost(store, {
      hostId,
      stateDir: join(folder, hostId),
      acknowledged: own,
    });
    bundles += held.bundles;
    faults.push(...held.faults);
  }
  faults.push(...(await checkCheckpoints(client, { seen, receiptKeys })));
  await Promise.all([store.close(), client.close()]);
  const verified = verifyServer(SERVER_PROGRAM, configs[0] ?? '');
  if (!verified.ok) faults.push(verified.said);
  for (const fault of faults) say(`✗ ${fault}`);
  const words = `${kills} kills: ${total()} bundles acknowledged, ${bundles} kept, each once`;
  console.log(`${words}; ${seen.length} checkpoints seen, all of one log; ${verified.said}`);
  return faults.length === 0 && bundles > 0 && seen.length > 0;
}

async function enrolAll(settings: PostgresqlSettings, names: readonly string[]): Promise<void> {
  const store = await openPostgresqlStore(settings);
  for (const hostId of names) {
    const { keyId, publicKey } = createPlatformSigner(Buffer.from(sha256Hex(hostId), 'hex'));
    const about = { hostId, siteId: 'load', resellerId: null, replaceKey: false };
    await store.enrol({ ...about, keyId, publicKey, now: new Date().toISOString() });
  }
  await store.close();
}

/** Kills one after the other, each before any is killed once more, in no order; gives how often each was. */
async function killAtRandom(
  victims: readonly Victim[],
  total: () => number,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let left: Victim[] = [];
  await until(() => total() > 0);
  for (let kill = 1; kill <= kills; kill += 1) {
    await sleep(Math.random() * BETWEEN);
    if (left.length === 0) left = [...victims];
    const [victim] = left.splice(Math.floor(Math.random() * left.length), 1) as [Victim];
    counts.set(victim.name, (counts.get(victim.name) ?? 0) + 1);
    const before = total();
    await victim.kill(Math.random() * DOWN);
    // Half of the time the next one is killed while all recover, otherwise when they are at work again.
    if (Math.random() < 0.5) await until(() => total() > before);
    if (kill % 10 === 0) say(`${kill} kills, ${total()} bundles acknowledged`);
  }
  return counts;
}

/** Waits for what comes within a minute or never. */
async function until(there: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1200 && !there(); tries += 1) await sleep(50);
}

/** With nothing killed any more an agent uploads what is left. */
async function finish(
  name: string,
  task: string,
  acknowledged: Set<string> | undefined,
): Promise<void> {
  const { stdout } = await execa(process.execPath, [AGENT, task], { timeout: 120_000 });
  for (const line of stdout.split('\n')) if (line !== '') acknowledged?.add(line);
  say(`${name} has uploaded all`);
}
