import { join } from 'node:path';
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

    const proved = await clinic.run('evidence', 'prove');
    assert.is(proved.code, 0, proved.stdout + proved.stderr);
    assert.match(proved.stdout, /^proved: \d+ receipts are in the server’s log/m);
    const key = ['--receipt-key', server.receiptKeys];
    const offline = await clinic.run('evidence', 'verify', '--proof', ...key);
    assert.is(offline.code, 0, offline.stdout + offline.stderr);
    assert.match(offline.stdout, /^proved: \d+ receipts are in the server’s log/m);
    const unpinned = await clinic.run('evidence', 'verify', '--proof');
    assert.is(unpinned.code, 78, 'a checkpoint counts for nothing without its key');
    const states = join(clinic.paths.state, 'evidence', 'log.jsonl');
    const held = server.command(['verify', '--log', states]);
    assert.is(held.status, 0, held.stdout + held.stderr);
  } finally {
    await clinic.remove();
    await server.remove();
  }
});

test.run();
