import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askControl } from '../../../agent/src/effects/control/ask.ts';
import { askText } from '../../../agent/src/effects/control/ask-text.ts';
import { makeClinic, until } from '../../support/clinic.ts';
import { DIST, testWith } from '../../support/suite.ts';

const clinic = makeClinic();
const { folder, config, state } = clinic.paths;
const PROGRAM = join(DIST, 'compliance-agent.js');
/** What answers `status` without the commands, alone: whatever it leaves to them fails. */
const OWN = join(folder, 'own', 'compliance-agent.js');
/** No setting, and yet for the commands to look at. */
const BY_COMMANDS = { COMPLIANCE_AGENT_TRACE: '' };

test.before(async () => {
  for (const file of ['package.json', 'compliance-agent.js', 'lib/status.js'])
    cpSync(join(DIST, file), join(folder, 'own', file));
  clinic.setMounts('drifted');
  clinic.configure({
    poll_interval: 300,
    rmm_webhook_url: 'http://127.0.0.1:9/',
    webhook_secret_file: config,
  });
  const daemon = clinic.daemon();
  await until(() => daemon.log().includes('"msg":"cycle"'));
  await until(() => clinic.bundles().some(({ check }) => check === 'attestation'));
});
test.after(() => clinic.remove());

const { NO_COLOR: _, FORCE_COLOR: __, NODE_EXTRA_CA_CERTS: ___, ...ENV } = process.env;

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [program, ...args], { env: { ...ENV, ...env } });
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await once(child, 'close');
  const [stdout, stderr] = await printed;
  return { code, stdout: timeless(stdout), stderr };
}

/** Without what passes between two questions. */
const timeless = (printed: string) =>
  printed.replace(/\d+ s(?= \(pid| ago)/g, '… s').replace(/(?<="oldest_age_ms": )\d+/, '…');

const answered: [title: string, args: string[]][] = [
  ['for people', ['--config', config]],
  ['as JSON', ['--config', config, '--json']],
  ['as JSON, said first and twice', ['--json', '--json', '--config', config]],
];
for (const [title, args] of answered) {
  test(`what runs is told ${title} in the bytes of the command, without the commands`, async () => {
    const own = await run(OWN, ['status', ...args]);
    assert.is(own.code, 0, own.stderr);
    assert.match(own.stdout, /encryption/);
    assert.equal(own, await run(PROGRAM, ['status', ...args], BY_COMMANDS));
  });
}

const terminals: [title: string, env: NodeJS.ProcessEnv, coloured: boolean][] = [
  ['one that knows colours', { TERM: 'xterm' }, true],
  ['NO_COLOR', { TERM: 'xterm', NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', { TERM: 'xterm', NO_COLOR: '' }, true],
  ['one that knows none', { TERM: 'dumb' }, false],
];
for (const [title, env, coloured] of terminals) {
  testWith({ tools: ['script'] }, `a terminal is written to in the same colours: ${title}`, () => {
    const [own, commands] = [{}, BY_COMMANDS].map((more) => {
      const program = more === BY_COMMANDS ? PROGRAM : OWN;
      const command = `${process.execPath} ${program} status --config ${config}`;
      const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
        encoding: 'utf8',
        env: { ...ENV, ...env, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return timeless(stdout);
    });
    assert.match(own ?? '', /drifted/);
    assert.is(own?.includes('\u001b[31m'), coloured);
    assert.is(own, commands);
  });
}

test('a pipe that nobody reads ends it without a word', async () => {
  const command = `"$0" "$1" status --config "$2" | true; echo "\${PIPESTATUS[0]}"`;
  const args = ['-c', command, process.execPath, OWN, config];
  const { stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8', env: ENV });
  assert.equal({ stdout, stderr }, { stdout: '0\n', stderr: '' });
});

/** Settings beside those of the daemon, and its program’s own answer to them. */
const beside = (name: string, written: string) => {
  const path = join(folder, name);
  writeFileSync(path, written);
  return path;
};
const SETTINGS = { host_id: 'clinic-1', state_dir: state };
const left: [title: string, args: () => string[], code: number, env?: NodeJS.ProcessEnv][] = [
  ['an unknown option', () => ['--jsno', '--config', config], 64],
  ['its help', () => ['--help'], 0],
  ['one thing too many', () => ['now', '--config', config], 64],
  ['no file after --config', () => ['--config'], 64],
  ['settings that are not there', () => ['--config', join(folder, 'none.json')], 78],
  ['a folder for settings', () => ['--config', folder], 78],
  [
    'a wrong setting',
    () => ['--config', beside('wrong', JSON.stringify({ ...SETTINGS, poll_interval: 'often' }))],
    78,
  ],
  [
    'a setting that stands twice',
    () => ['--config', beside('twice', `{"state_dir":"${state}","site_id":"a","site_id":"b"}`)],
    78,
  ],
  [
    'settings that the daemon does not know',
    () => ['--config', beside('other', JSON.stringify(SETTINGS))],
    0,
  ],
  [
    'a host where none runs',
    () => ['--config', beside('stopped', JSON.stringify({ ...SETTINGS, state_dir: folder }))],
    3,
  ],
  [
    'another state folder by the environment',
    () => ['--config', config],
    3,
    { COMPLIANCE_AGENT_STATE_DIR: folder },
  ],
  ['an unknown variable', () => ['--config', config], 78, { COMPLIANCE_AGENT_POLL: '1' }],
];
for (const [title, argsOf, code, env] of left) {
  test(`${title} is for the commands, and exits ${code}`, async () => {
    const args = ['status', ...argsOf()];
    const found = await run(PROGRAM, args, env);
    assert.is(found.code, code, found.stderr);
    assert.equal(found, await run(PROGRAM, args, { ...env, ...BY_COMMANDS }));
  });
}

test('settings that come through a pipe are read by the commands, to whom nothing is lost', () => {
  const command = `(cat "$2"; echo) | "$0" "$1" status --json --config /dev/stdin`;
  const args = ['-c', command, process.execPath, PROGRAM, config];
  const { stdout, status } = spawnSync('bash', args, { encoding: 'utf8', env: ENV });
  assert.is(status, 0);
  assert.is(JSON.parse(stdout).host_id, 'clinic-1');
});

test('settings in YAML are answered alike', async () => {
  const other = makeClinic();
  try {
    const lines = {
      ...SETTINGS,
      state_dir: other.paths.state,
      baseline_path: other.paths.baseline,
    };
    writeFileSync(
      other.paths.config,
      `# ours\n${Object.entries(lines)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n')}\n`,
    );
    const daemon = other.daemon();
    await until(() => daemon.log().includes('"msg":"cycle"'));
    const args = ['status', '--json', '--config', other.paths.config];
    const own = await run(OWN, args);
    assert.is(own.code, 0, own.stderr);
    assert.equal(own, await run(PROGRAM, args, BY_COMMANDS));
  } finally {
    await other.remove();
  }
});

/** A daemon that answers `status` as ours does, and a question for text otherwise. */
const others: [title: string, answer: string][] = [
  [
    'that is older and knows no text',
    '{"ok":false,"error":{"code":"unsupported","params":{}},"message":""}\n',
  ],
  ['that answers what is no text', '{"ok":true,"data":[]}\n'],
  ['that answers half', '{"ok":true,"data":"clinic-1'],
  ['that answers nothing', ''],
  ['that answers more than fits a terminal', `{"ok":true,"data":"${'x'.repeat(2 ** 21)}"}\n`],
  ['that would name the window', JSON.stringify({ ok: true, data: '\u001b]0;mine\u0007' })],
  ['that would move the cursor', JSON.stringify({ ok: true, data: 'down\r\u001b[2Jnot running' })],
  ['that would colour what is not to be', JSON.stringify({ ok: true, data: '\u001b[31mred' })],
  ['that knows the other introducer', JSON.stringify({ ok: true, data: '\u009b2J' })],
];
for (const [title, answer] of others) {
  test(`a daemon ${title} is asked again by the command`, async () => {
    const real = await askControl({
      path: join(state, 'control.sock'),
      request: { verb: 'status' },
    });
    const fake = join(folder, 'fake');
    mkdirSync(fake, { recursive: true });
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .once('data', (part) => {
          const asksText = part.toString().includes('status text');
          socket.end(asksText ? answer : `${JSON.stringify({ ok: true, data: real })}\n`);
        }),
    ).listen(join(fake, 'control.sock'));
    try {
      await once(server, 'listening');
      const path = beside('fake.json', JSON.stringify({ ...SETTINGS, state_dir: fake }));
      const found = await run(PROGRAM, ['status', '--config', path]);
      assert.equal(found, await run(PROGRAM, ['status', '--config', config], BY_COMMANDS));
    } finally {
      server.close();
    }
  });
}

test('a daemon that does not answer is waited for no longer than is said', async () => {
  const path = join(folder, 'silent.sock');
  const server = createServer((socket) => void socket.on('error', () => {})).listen(path);
  try {
    await once(server, 'listening');
    const request = { verb: 'status text', params: {} };
    assert.is(await askText({ path, request, timeoutMs: 50 }), null);
  } finally {
    server.close();
  }
});

test.run();
