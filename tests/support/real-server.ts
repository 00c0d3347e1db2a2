import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PostgresqlSettings } from '../../agent/src/server/settings.ts';
import { testAuthority } from './ca.ts';
import type { makeClinic } from './clinic.ts';
import { DIST } from './suite.ts';

const SERVER = join(DIST, 'compliance-server.js');

/** The real `compliance-server serve`, which can be stopped and started again on the port that it first took. */
export async function makeServer(more: { postgresql?: PostgresqlSettings } = {}) {
  const ca = await testAuthority();
  const folder = mkdtempSync(join(tmpdir(), 'clinic-server-'));
  const config = join(folder, 'config.json');
  const run = (args: string[], input = '') =>
    spawnSync(process.execPath, [SERVER, ...args], { encoding: 'utf8', input });
  const receiptKeys = join(folder, 'receipt.pem');
  writeFileSync(receiptKeys, run(['keys', 'generate', join(folder, 'receipt.key')]).stdout);
  const { certFile, keyFile } = ca.files('server', await ca.server());
  const configure = (port: number, path = config) =>
    writeFileSync(
      path,
      JSON.stringify({
        ...more,
        listen_port: port,
        client_ca_file: ca.caFile,
        cert_file: certFile,
        key_file: keyFile,
        database_path: join(folder, 'server.db'),
        receipt_key_file: join(folder, 'receipt.key'),
      }),
    );
  configure(0);
  const running = new Set<ChildProcess>();
  const serve = async (path: string): Promise<string> => {
    const started = spawn(process.execPath, [SERVER, 'serve', '--config', path]);
    running.add(started);
    for await (const line of createInterface({ input: started.stdout })) {
      const [url, port] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (url === undefined) continue;
      configure(Number(port), path);
      started.stdout.resume();
      return url;
    }
    throw new Error('serve ended before it listened');
  };
  return {
    receiptKeys,
    /** Gives a clinic its certificate and all that it needs to know of this server. */
    async admit(clinic: ReturnType<typeof makeClinic>, url: string): Promise<void> {
      const { certFile, keyFile } = ca.files('client', await ca.client('clinic-1'));
      clinic.configure({
        mcp_url: url,
        ca_file: ca.caFile,
        client_cert_file: certFile,
        client_key_file: keyFile,
        receipt_keys_file: receiptKeys,
      });
    },
    command: (args: string[], input?: string) => run([...args, '--config', config], input),
    start: () => serve(config),
    /** A second process of the same server. */
    async startBeside(): Promise<string> {
      const path = join(folder, 'beside.json');
      configure(0, path);
      return serve(path);
    },
    /** Files of a host’s certificate. */
    certificate: async (hostId: string) => ({
      caFile: ca.caFile,
      ...ca.files(hostId, await ca.client(hostId)),
    }),
    async stop() {
      const ended = [...running].map(async (child) => {
        running.delete(child);
        if (child.exitCode !== null) return;
        child.kill('SIGTERM');
        await once(child, 'exit');
      });
      await Promise.all(ended);
    },
    async remove() {
      await this.stop();
      ca.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
