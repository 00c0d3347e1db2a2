import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../agent/src/agent/status.ts';
import { makeClinic, until, untilAsync } from '../support/clinic.ts';
import { makeServer } from '../support/real-server.ts';

test('evidence reaches the server, waits while it is down and reaches it once it is back', async () => {
  const server = await makeServer();
  const clinic = makeClinic();
  try {
    const url = await server.start();
    await server.admit(clinic, url);
    const status = async (): Promise<Status> =>
      JSON.parse((await clinic.run('status', '--json')).stdout);
    const queueIs = (pending: (count: number) => boolean, state: string) =>
      untilAsync(async () => {
        const now = await status();
        return pending(now.queue?.pending ?? -1) && now.server.state === state ? now : null;
      });

    await clinic.run('once', '--root', clinic.paths.root); // makes the key, queues what it saw
    const { stdout: enrolment } = await clinic.run('keys', 'show', '--enrol');
    const enrolled = server.command(['hosts', 'enrol', '-'], enrolment);
    assert.is(enrolled.status, 0, enrolled.stderr);

    clinic.daemon();
    await queueIs((pending) => pending === 0, 'reachable');

    await server.stop();
    clinic.setMounts('drifted');
    const down = await queueIs((pending) => pending > 0, 'out of reach');
    assert.is(down.server.failure?.code, 'unreachable');

    assert.is(await server.start(), url);
    const up = await queueIs((pending) => pending === 0, 'reachable');
    assert.is(up.queue?.uploaded, up.evidence?.sequence, 'every bundle has its receipt');
    assert.is(up.queue?.stalled, 0);
    await until(() => clinic.bundles().some(({ outcome }) => outcome === 'alert'));
    const verified = server.command(['verify']);
    assert.is(verified.status, 0, verified.stdout + verified.stderr);
  } finally {
    await clinic.remove();
    await server.remove();
  }
});

test.run();
