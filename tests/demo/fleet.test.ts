import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layLine } from '../../agent/demo/fleet/line.ts';
import { readScenario, SCENARIO, Scenario } from '../../agent/demo/fleet/scenario.ts';
import { CHECKS } from '../../agent/src/checks/index.ts';
import { REPOSITORY } from '../support/suite.ts';

const scenario = readScenario();
const DEMO = join(REPOSITORY, 'agent', 'demo');
type Service = {
  command?: string[];
  build?: { dockerfile: string };
  volumes?: string[];
  depends_on?: Record<string, object>;
};
const compose = load(readFileSync(join(DEMO, 'compose.yaml'), 'utf8')) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};

test('a wrong scenario is told where it is wrong', () => {
  const wrong = { ...scenario, steps: [{ do: 'violate', what: '', host: 'a', control: 'b' }] };
  assert.not.ok(Scenario.safeParse(wrong).success);
});

test('the scenario goes from violation over healing, upload and view to offline and recovery', () => {
  const order = ['violate', 'view', 'cut', 'join', 'verify'];
  for (const form of ['loopback', 'containers', 'machines'] as const) {
    const played = scenario.steps.filter(({ forms }) => forms.includes(form));
    let at = -1;
    for (const name of order) {
      at = played.findIndex((step, index) => index > at && step.do === name);
      assert.not.equal(at, -1, `${form}: ${name}`);
    }
  }
});

test('steps name hosts, controls and readers that there are', () => {
  for (const step of scenario.steps) {
    const host = 'host' in step ? scenario.hosts.find(({ name }) => name === step.host) : undefined;
    assert.ok(!('host' in step) || host !== undefined, step.what);
    if ('control' in step) assert.ok(host?.controls.includes(step.control), step.what);
    if ('as' in step)
      assert.ok(
        scenario.readers.some(({ name }) => name === step.as),
        step.what,
      );
  }
  const controls = new Set(scenario.hosts.flatMap((host) => host.controls));
  assert.equal(
    [...controls].sort(),
    CHECKS.map(({ id }) => id),
  );
});

test('compose.yaml has a service for each host and runs programs and images that there are', () => {
  const { services, volumes } = compose;
  for (const { name } of scenario.hosts) {
    assert.equal(services[name]?.command?.slice(-2), ['--name', name]);
  }
  for (const [name, service] of Object.entries(services)) {
    const [program] = service.command ?? [];
    if (program !== undefined)
      assert.ok(existsSync(join(REPOSITORY, program)), `${name}: ${program}`);
    const { dockerfile = '' } = service.build ?? {};
    assert.ok(
      existsSync(join(REPOSITORY, dockerfile)) && dockerfile !== '',
      `${name}: ${dockerfile}`,
    );
    for (const volume of service.volumes ?? []) {
      assert.ok((volume.split(':')[0] ?? '') in volumes, `${name}: ${volume}`);
    }
    for (const other of Object.keys(service.depends_on ?? {})) assert.ok(other in services, other);
  }
  assert.ok(SCENARIO.startsWith(DEMO));
});

test('a line that is cut carries nothing, and carries again when it is joined', async () => {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const line = await layLine({ host: '127.0.0.1', port });
  const say = async (socket: Socket): Promise<string> => {
    socket.write('hello');
    const [heard] = await Promise.race([once(socket, 'data'), once(socket, 'close')]);
    return String(heard);
  };
  const dial = () => connect({ host: '127.0.0.1', port: line.port }).on('error', () => {});
  const first = dial();
  assert.is(await say(first), 'hello');
  const closed = once(first, 'close');
  line.cut();
  await closed;
  assert.not.equal(await say(dial()), 'hello');
  line.join();
  const again = dial();
  assert.is(await say(again), 'hello');
  again.destroy();
  line.close();
  server.close();
});

test.run();
