import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { enterStack } from './enter.ts';
import { waitFor } from './look.ts';
import { play } from './play.ts';
import { type Prepared, prepare } from './prepare.ts';
import { finish, rowsShown } from './rows.ts';
import { readScenario } from './scenario.ts';
import { openViewer } from './viewer.ts';

/** A program of agent/demo/compose.yaml: `prepare` writes what all containers share, `play` plays the scenario. */
const FOLDER = '/stack';
const NAME = 'nginx';
const PORT = 8443;
/** At which each host’s program listens. */
const HOST_PORT = 8400;
const PREPARED = join(FOLDER, 'prepared.json');

const scenario = readScenario();
if (process.argv[2] === 'prepare') await prepareAll();
else await playAll();

async function prepareAll(): Promise<void> {
  const prepared = await prepare(scenario, {
    folder: FOLDER,
    names: [NAME, 'localhost', '127.0.0.1'], // the hosts reach it by a line of their own, at 127.0.0.1
    ...{ address: '0.0.0.0', port: PORT },
    sockets: ['/sockets/server-1.sock', '/sockets/server-2.sock'],
    postgresql: {
      ...{ host: 'postgresql', database: 'evidence' },
      ...{ user: 'compliance-server', owner: 'compliance-owner' },
    },
  });
  writeFileSync(PREPARED, JSON.stringify(prepared));
}

async function playAll(): Promise<void> {
  const prepared: Prepared = JSON.parse(readFileSync(PREPARED, 'utf8'));
  const url = `https://${NAME}:${PORT}`;
  const addresses = new Map(
    scenario.hosts.map(({ name }) => [name, `http://${name}:${HOST_PORT}`] as const),
  );
  const viewer = await openViewer({ url, caFile: join(prepared.identities, 'ca.pem') });
  const there = (ask: () => Promise<unknown>) =>
    waitFor(
      () =>
        ask().then(
          () => true as const,
          () => null,
        ),
      120,
    );
  const health = async () => {
    const { status } = await viewer.get('/health');
    if (status !== 200) throw new Error(`health: ${status}`);
  };
  await there(health);
  for (const address of addresses.values()) await there(() => request(address));
  await viewer.close();
  const about = { form: 'containers', url, prepared, addresses, now: new Date() } as const;
  const field = await enterStack(scenario, { ...about, folder: '/tmp' });
  const { rows, show } = rowsShown();
  await play(scenario, field, show);
  for (const each of field.viewers.values()) await each.close();
  finish(rows, { json: false });
}
