import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { testAuthority } from './ca.ts';
import type { makeClinic } from './clinic.ts';
import { DIST } from './suite.ts';

const SERVER = join(DIST, 'compliance-server.js');

/** The real `compliance-server serve`, which can be stopped and started again on the port that it first took. */
export async function makeServer() {
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
