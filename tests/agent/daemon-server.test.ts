import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../agent/src/agent/status.ts';
import { testAuthority } from '../support/ca.ts';
import { makeClinic, until, untilAsync } from '../support/clinic.ts';
import { DIST } from '../support/suite.ts';

const SERVER = join(DIST, 'compliance-server.js');

/** The real `compliance-server serve`, which can be stopped and started again on the port that it first took. */
async function makeServer() {
  const ca = await testAuthority();
  const folder = mkdtempSync(join(tmpdir(), 'clinic-server-'));
  const config = join(folder, 'config.json');
  const run = (args: string[], input = '') =>
    spawnSync(process.execPath, [SERVER, ...args], { encoding: 'utf8', input });
  const receiptKeys = join(folder, 'receipt.pem');
  writeFileSync(receiptKeys, run(['keys', 'generate', join(folder, 'receipt.key')]).stdout);
  const { certFile, keyFile } = ca.files('server', await ca.server());
  const configure = (port: number) =>
    writeFileSync(
      config,
      JSON.stringify({
        listen_port: port,
        client_ca_file: ca.caFile,
        cert_file: certFile,
        key_file: keyFile,
        database_path: join(folder, 'server.db'),
        receipt_key_file: join(folder, 'receipt.key'),
      }),
    );
  configure(0);
  let child: ChildProcess | undefined;
  return {
    ca,
    receiptKeys,
    command: (args: string[], input?: string) => run([...args, '--config', config], input),
    async start(): Promise<string> {
      const started = spawn(process.execPath, [SERVER, 'serve', '--config', config]);
      child = started;
      for await (const line of createInterface({ input: started.stdout })) {
        const [url, port] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
        if (url === undefined) continue;
        configure(Number(port));
        started.stdout.resume();
        return url;
      }
      throw new Error('serve ended before it listened');
    },
    async stop() {
      if (child === undefined || child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
    async remove() {
      await this.stop();
      ca.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test('evidence reaches the server, waits while it is down and reaches it once it is back', async () => {
  const server = await makeServer();
  const clinic = makeClinic();
  try {
    const url = await server.start();
    const { certFile, keyFile } = server.ca.files('client', await server.ca.client('clinic-1'));
    clinic.configure({
      mcp_url: url,
      ca_file: server.ca.caFile,
      client_cert_file: certFile,
      client_key_file: keyFile,
      receipt_keys_file: server.receiptKeys,
    });
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
