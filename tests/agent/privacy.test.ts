import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { journalFields } from '../../agent/src/agent/integrations/journal-fields.ts';
import { PROBE_TYPE } from '../../agent/src/wire/probe.ts';
import { makeClinic, until } from '../support/clinic.ts';
import { portOf, scrape } from '../support/local.ts';
import { FIXTURES } from '../support/suite.ts';

/** Who is treated here, by name, number and place. */
const NAME = 'Maria Beispiel';
const NUMBER = 'MRN-0047110815';
const FILE = '/srv/patients/beispiel-maria/MRN-0047110815.dcm';
const PLANTED = [NAME, NUMBER, FILE, 'beispiel', 'Beispiel', 'BEISPIEL', '0047110815'];
const NOTE = `${NAME} ${NUMBER} ${FILE}`;

const CHECKS = ['antivirus', 'backup', 'logging', 'firewall', 'encryption'];
const PROBES = ['antivirus', 'firewall', 'firewall-reference', 'volumes', 'logging'];

type Clinic = ReturnType<typeof makeClinic>;

/** A host whose every control is looked at, and that says these things wherever a host may say anything. */
function plantIn(clinic: Clinic): { speak(how: 'beside' | 'instead'): void; said(): string } {
  const { folder, root } = clinic.paths;
  const section = (check: string) =>
    JSON.parse(readFileSync(join(FIXTURES, check, 'expected.json'), 'utf8'));
  const checks = Object.fromEntries(
    CHECKS.filter((check) => check !== 'encryption').map((check) => [check, section(check)]),
  );
  const encryption = { mounts: [{ target: '/srv/secret' }], undeclared_mounts: 'encrypted' };
  writeFileSync(
    clinic.paths.baseline,
    JSON.stringify({ version: 1, checks: { ...checks, encryption } }),
  );
  for (const check of ['antivirus', 'backup'])
    cpSync(join(FIXTURES, check, 'drifted/root'), root, { recursive: true });
  plantFiles(root);

  // What systemd prints, with everything that it knows beside what is asked; then only an error.
  const bin = join(root, 'bin');
  const units = join(folder, 'units');
  const heard = join(folder, 'heard');
  mkdirSync(bin, { recursive: true });
  const tool = (name: string, body: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "$0" >> ${heard}\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  tool(
    'systemctl',
    `[ -e ${units} ] && cat ${units} && exit 0\necho "${NOTE}" >&2; echo "${NOTE}"; exit 1`,
  );
  tool('systemd-notify', `echo "$@" >> ${join(folder, 'notified')}`);
  for (const name of ['nft', 'iptables-save', 'zfs', 'chronyc', 'timedatectl'])
    tool(name, `echo "${NOTE}" >&2; echo "${NOTE}"; exit 1`);
  process.env.PATH = `${bin}:${process.env.PATH}`;
  process.env.NOTIFY_SOCKET = join(folder, 'notify.sock');
  const blocks = ['antivirus', 'backup', 'logging']
    .map((check) => readFileSync(join(FIXTURES, check, 'drifted/run/units.stdout'), 'utf8').trim())
    .join('\n\n')
    .replace(
      /^Id=/gm,
      `Description=Imaging of ${NOTE}\nStatusText=${NOTE}\nExecStart={ argv[]=${FILE} }\nId=`,
    );
  return {
    speak(how) {
      if (how === 'beside') writeFileSync(units, blocks);
      else clearFiles(root, units);
    },
    said: () => (existsSync(heard) ? readFileSync(heard, 'utf8') : ''),
  };
}

function plantFiles(root: string): void {
  const plant = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  plant(FILE, NOTE);
  plant(`var/log/${NUMBER}.log`, NOTE);
  plant('proc/4711/cmdline', `dcmview\0${FILE}\0`);
  plant('proc/4711/comm', NAME);
  plant('proc/4711/environ', `PATIENT=${NOTE}\0`);
  plant('etc/nixos/notes.nix', `# ${NOTE}`);
  const mounts = join(root, 'proc/1/mountinfo');
  appendFileSync(
    mounts,
    [
      `901 1 7:1 / /run/media/desk/BEISPIEL\\040MARIA rw - vfat /dev/loop1 rw`,
      `902 1 0:99 / /run/user/1000/beispiel-maria rw - fuse.sshfs maria.beispiel@pacs:/${NUMBER} rw`,
      '',
    ].join('\n'),
  );
}

/** The same files, with nothing in them but what must not get out. */
function clearFiles(root: string, units: string): void {
  writeFileSync(units, NOTE);
  const statuses = join(root, 'var/lib/compliance-agent-backup');
  for (const file of readdirSync(statuses)) writeFileSync(join(statuses, file), `{"${NOTE}":1}`);
  writeFileSync(join(root, 'proc/1/mountinfo'), `${NOTE}\n`);
}

/** Privileged probes that say more than they are asked, and then nothing but that. */
async function startProbes(runtimeDir: string) {
  mkdirSync(join(runtimeDir, 'probe'), { recursive: true });
  let how: 'beside' | 'more' | 'instead' | 'error' = 'beside';
  let asked = 0;
  const data = (name: string): unknown => {
    const check = name === 'volumes' ? 'encryption' : name.split('-')[0];
    const file = join(FIXTURES, check ?? '', 'drifted/probe', `${name}.json`);
    if (!existsSync(file)) return {};
    const text = readFileSync(file, 'utf8').replace('"expr": [', `"comment": "${NOTE}", "expr": [`);
    return JSON.parse(text.replace('"drop: "', `"${NOTE}"`));
  };
  const answer = (name: string): string => {
    asked += 1;
    const document = { type: PROBE_TYPE, probe: name };
    if (how === 'beside') return JSON.stringify({ ...document, ok: true, data: data(name) });
    const more = { patient: NAME, files: [FILE], comm: NAME, cmdline: ['dcmview', FILE] };
    if (how === 'more')
      return JSON.stringify({
        ...document,
        ok: true,
        data: { ...(data(name) as object), ...more },
      });
    if (how === 'instead') return NOTE;
    const error = { code: 'tool_failed', params: { exit_code: 1 }, message: NOTE };
    return JSON.stringify({ ...document, ok: false, error });
  };
  const servers = PROBES.map((name) =>
    createTcp((socket) => socket.on('error', () => {}).end(answer(name))).listen(
      join(runtimeDir, 'probe', `${name}.sock`),
    ),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return {
    speak(next: typeof how) {
      how = next;
      asked = 0;
    },
    asked: () => asked,
    close() {
      for (const server of servers) server.close();
    },
  };
}

test('names, numbers and paths of patients that a host says get out by no way', async () => {
  const told = { webhook: '', syslog: '' };
  const webhook = createHttp(async (asked, response) => {
    for await (const part of asked) told.webhook += part;
    told.webhook += JSON.stringify(asked.headers);
    response.writeHead(204).end();
  });
  const syslog = createTcp((socket) => socket.on('data', (part) => (told.syslog += part)));
  for (const server of [webhook, syslog]) server.listen(0, '127.0.0.1');
  await Promise.all([webhook, syslog].map((server) => once(server, 'listening')));

  const clinic = makeClinic();
  const { folder } = clinic.paths;
  const before = { PATH: process.env.PATH, NOTIFY_SOCKET: process.env.NOTIFY_SOCKET };
  const probes = await startProbes(join(folder, 'run'));
  const host = plantIn(clinic);
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'shared', { mode: 0o600 });
  clinic.configure({
    log_level: 'trace',
    rmm_webhook_url: `http://127.0.0.1:${portOf(webhook)}/rmm`,
    webhook_secret_file: secret,
    syslog_target: `tcp://127.0.0.1:${portOf(syslog)}`,
    metrics_listen: join(folder, 'metrics.sock'),
  });
  /** Everything that leaves, by its way. */
  const out = new Map<string, string>();
  try {
    host.speak('beside');
    const daemon = clinic.daemon();
    for (const how of ['beside', 'more', 'instead', 'error'] as const) {
      probes.speak(how);
      if (how === 'instead') host.speak('instead');
      await until(() => probes.asked() >= 2 * PROBES.length);
      for (const command of ['status', 'plan', 'check'])
        for (const form of how === 'beside' ? [[], ['--json']] : [['--json']]) {
          const { stdout, stderr } = await clinic.run(command, ...form);
          assert.ok(stdout.length > 20, `${command}: ${stderr}`);
          out.set(`${how}: ${command} ${form}`, stdout + stderr);
        }
      out.set(`${how}: metrics`, await scrape(join(folder, 'metrics.sock')));
    }
    await until(() => told.webhook.length > 2000 && told.syslog.length > 500);
    assert.is(await daemon.stop('SIGTERM'), 0);
    out.set('log', daemon.log());
    out.set('webhook', told.webhook);
    out.set('syslog', told.syslog);
    out.set('STATUS', readFileSync(join(folder, 'notified'), 'utf8'));

    const bundles = clinic.bundles();
    out.set('evidence', JSON.stringify(bundles));
    out.set('journal', JSON.stringify(bundles.map((bundle) => journalFields(bundle, null))));
    const seen = new Set(bundles.map(({ check }) => check));
    for (const check of CHECKS) assert.ok(seen.has(check), `${check} was looked at`);
    assert.match(host.said(), /systemctl/);

    const period = ['--from', '2020-01-01', '--to', '2100-01-01'];
    const made = await clinic.run('report', ...period, '--output', join(folder, 'report'));
    assert.is(made.code, 0, made.stderr);
    out.set('report', readFileSync(join(folder, 'report.html'), 'utf8'));
    out.set('packet', readFileSync(join(folder, 'report.zip'), 'latin1'));
    for (const format of ['oscal', 'in-toto', 'csv', 'incidents-csv', 'bundles-csv']) {
      const { stdout } = await clinic.run('evidence', 'export', ...period, '--format', format);
      const text = format === 'in-toto' ? decoded(stdout) : stdout;
      assert.ok(text.length > 100, format);
      out.set(format, text);
    }
    for (const command of ['list', 'stats'])
      out.set(command, (await clinic.run('evidence', command)).stdout);
    for (const [way, text] of out)
      for (const planted of PLANTED) {
        const at = text.indexOf(planted);
        assert.is(at, -1, `${planted} in ${way}: …${text.slice(Math.max(0, at - 200), at + 100)}…`);
      }
    assert.ok(out.size > 20);
  } finally {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    probes.close();
    await clinic.remove();
    webhook.closeAllConnections();
    webhook.close();
    syslog.close();
  }
});

const decoded = (envelope: string) =>
  Buffer.from(JSON.parse(envelope).payload, 'base64').toString('utf8');

test.run();
