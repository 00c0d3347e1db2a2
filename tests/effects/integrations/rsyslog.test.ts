import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSyslog } from '../../../agent/src/effects/integrations/syslog.ts';
import type { Notice } from '../../../agent/src/wire/notice.ts';
import { testAuthority } from '../../support/ca.ts';
import { NOTICE } from '../../support/notice.ts';
import { testWith } from '../../support/suite.ts';

/** Debian’s rsyslog as it parses what it receives; the package rsyslog-gnutls gives it TLS. */
type Receiver = {
  readonly ports: { tcp: number; tls: number; udp: number };
  readonly caFile: string;
  lines(count: number): Promise<Record<string, string>[]>;
  end(): Promise<void>;
};

/** Its driver for TLS. */
const GNUTLS = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/rsyslog/lmnsd_gtls.so`;

const TEMPLATE = `template(name="parsed" type="list" option.jsonf="on") {
  property(outname="protocol" name="protocol-version" format="jsonf")
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="program" name="app-name" format="jsonf")
  property(outname="process" name="procid" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}`;

async function startRsyslog(): Promise<Receiver> {
  const folder = mkdtempSync(join(tmpdir(), 'rsyslog-'));
  const ca = await testAuthority();
  const { certFile, keyFile } = ca.files('server', await ca.server());
  const udp = await freeUdpPort();
  const got = join(folder, 'got');
  const config = join(folder, 'rsyslog.conf');
  const inputs = ['tcp', 'tls'].map(
    (
      kind,
    ) => `input(type="imtcp" port="0" address="127.0.0.1" listenPortFileName="${folder}/${kind}"
      ${kind === 'tls' ? 'streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon"' : ''})`,
  );
  writeFileSync(
    config,
    `global(workDirectory="${folder}" defaultNetstreamDriverCAFile="${ca.caFile}"
  defaultNetstreamDriverCertFile="${certFile}" defaultNetstreamDriverKeyFile="${keyFile}")
module(load="imtcp")
module(load="imudp")
${TEMPLATE}
${inputs.join('\n')}
input(type="imudp" port="${udp}" address="127.0.0.1")
action(type="omfile" file="${got}" template="parsed")
`,
  );
  const program = existsSync('/usr/sbin/rsyslogd') ? '/usr/sbin/rsyslogd' : 'rsyslogd';
  const child = spawn(program, ['-n', '-f', config, '-i', join(folder, 'pid')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part));
  const told = () => `${said}\n${readdirSync(folder)}`;
  const port = async (kind: string) =>
    Number(await waitFor(() => textOf(join(folder, kind)), child, told));
  return {
    ports: { tcp: await port('tcp'), tls: await port('tls'), udp },
    caFile: ca.caFile,
    lines: (count) =>
      waitFor(
        () => {
          const lines = textOf(got).split('\n').filter(Boolean);
          return lines.length >= count && lines.map((line) => JSON.parse(line));
        },
        child,
        () => `${told()}\n${textOf(got)}`,
      ),
    async end() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      ca.remove();
      rmSync(folder, { recursive: true });
    },
  };
}

const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

async function waitFor<T>(look: () => T | false | '', child: ChildProcess, told: () => string) {
  for (let turn = 0; turn < 1500 && child.exitCode === null; turn += 1) {
    const found = look();
    if (found) return found;
    await sleep(10);
  }
  throw new Error(`rsyslogd did not: ${told()}`);
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

const notices: Notice[] = [
  NOTICE,
  { ...NOTICE, sequence: 5, outcome: 'success', verdict: 'compliant', severity: null },
  { ...NOTICE, sequence: 6, summary: 'a "quoted" ] back\\slash\nand a second line, für äöü' },
];

testWith(
  { tools: ['rsyslogd'], paths: [GNUTLS] },
  'rsyslog parses what we send over TCP, TLS and UDP',
  async () => {
    const rsyslog = await startRsyslog();
    try {
      const { caFile, ports } = rsyslog;
      const signal = AbortSignal.timeout(20_000);
      let sent = 0;
      for (const kind of ['tcp', 'tls', 'udp'] as const) {
        const target = `${kind}://127.0.0.1:${ports[kind]}`;
        const syslog = createSyslog({ target, caFile: kind === 'tls' ? caFile : undefined });
        for (const notice of notices) await syslog.send(notice, signal);
        sent += notices.length;
        const lines = (await rsyslog.lines(sent)).slice(-notices.length);
        await syslog.close();
        for (const [at, notice] of notices.entries()) {
          const line = lines[at] ?? {};
          const { protocol, facility, time, host, program, id } = line;
          assert.equal(
            { protocol, facility, time, host, program, id },
            {
              ...{ protocol: '1', facility: 'audit', time: '2026-11-22T09:30:00.125Z' },
              ...{ host: 'host-1', program: 'compliance-agent', id: 'firewall' },
            },
            kind,
          );
          assert.is(line.severity, at === 1 ? 'info' : 'err', kind);
          assert.is(line.process, String(process.pid));
          assert.match(line.data ?? '', new RegExp(`^\\[compliance@32473 .*sequence="${4 + at}"`));
          const text = notice.summary.replace('\n', ' ');
          assert.is(line.text?.replace('\uFEFF', ''), text, `${kind}: one line, its text whole`);
        }
      }
    } finally {
      await rsyslog.end();
    }
  },
);

test.run();
