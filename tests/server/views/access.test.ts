import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ask } from '../../support/ask.ts';
import { testAuthority } from '../../support/ca.ts';
import { DIST } from '../../support/suite.ts';

const SERVER = join(DIST, 'compliance-server.js');
const NONE = '0'.repeat(64);
/** One address of each kind, assets too. */
const PAGES = [
  '/',
  '/fleet',
  '/hosts/host-1',
  '/hosts/host-1/keys.json',
  '/hosts/host-1/chains/00000000-0000-4000-8000-000000000000',
  `/hosts/host-1/bundles/${NONE}`,
  `/hosts/host-1/bundles/${NONE}/bundle.json`,
  `/hosts/host-1/bundles/${NONE}/bundle.sig`,
  `/hosts/host-1/bundles/${NONE}/receipt.json`,
  `/hosts/host-1/bundles/${NONE}/receipt.sig`,
  `/hosts/host-1/bundles/${NONE}/proof.json`,
  '/orders',
  '/orders/00000000-0000-4000-8000-000000000000',
  '/assets/style.css',
  '/assets/icon.svg',
  '/assets/verify.js',
];

test('the real server shows its pages to a reader, and to nobody else', async () => {
  const ca = await testAuthority();
  const folder = mkdtempSync(join(tmpdir(), 'viewer-access-'));
  const config = join(folder, 'config.json');
  const run = async (args: string[]) => {
    const child = spawn(process.execPath, [SERVER, ...args], { stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    assert.is(code, 0, args.join(' '));
  };
  const tls = ca.files('server', await ca.server());
  const reader = await ca.client('ben');
  const readerFile = ca.files('reader', reader).certFile;
  await run(['keys', 'generate', join(folder, 'receipt.key')]);
  const settings = {
    ...{ listen_port: 0, client_ca_file: ca.caFile },
    ...{ cert_file: tls.certFile, key_file: tls.keyFile },
    database_path: join(folder, 'server.db'),
    receipt_key_file: join(folder, 'receipt.key'),
  };
  writeFileSync(config, JSON.stringify(settings));
  const added = ['readers', 'add', 'ben', '--role', 'auditor', '--certificate', readerFile];
  await run([...added, '--config', config]);
  const server = spawn(process.execPath, [SERVER, 'serve', '--config', config]);
  try {
    let url: string | undefined;
    for await (const line of createInterface({ input: server.stdout })) {
      url = /https:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (url !== undefined) break;
    }
    server.stdout.resume();
    const host = await ca.client('host-1');
    for (const page of PAGES) {
      const known = await ask(`${url}${page}`, { ca, issued: reader });
      assert.ok([200, 303, 404].includes(known.status), `${page}: ${known.status}`);
      for (const issued of [undefined, host]) {
        assert.is((await ask(`${url}${page}`, { ca, issued })).status, 401, page);
        const headers = { accept: 'text/html' };
        const sent = await ask(`${url}${page}`, { ca, issued, headers });
        assert.equal([sent.status, sent.headers.location], [303, '/sign-in'], page);
      }
    }
    const module = await ask(`${url}/assets/verify.js`, { ca, issued: reader });
    assert.is(module.status, 200, 'the program finds the modules beside itself');
    assert.match(String(module.headers['content-type']), 'text/javascript');
    const headers = { 'if-none-match': String(module.headers['etag']) };
    const again = await ask(`${url}/assets/verify.js`, { ca, issued: reader, headers });
    assert.is(again.status, 304);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    ca.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
