import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Journal } from '../../../agent/src/core/logging/facts.ts';
import { probeLogging } from '../../../agent/src/effects/probes/logging.ts';
import { ProbeDocument } from '../../../agent/src/wire/probe-document.ts';
import { DIST, testWith } from '../../support/suite.ts';

const JOURNALD = '/lib/systemd/systemd-journald';
const folder = mkdtempSync(join(tmpdir(), 'logging-'));
const path = process.env.PATH;
test.after(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

async function until(there: () => boolean): Promise<void> {
  for (let tries = 0; !there(); tries += 1) {
    if (tries > 400) throw new Error('it never came');
    await pause(20);
  }
}

/** journald itself, in a mount namespace with its own /run, /var/log and machine id. */
async function withJournald(body: (enter: string[], journald: ChildProcess) => Promise<void>) {
  const machine = join(folder, 'machine-id');
  const ready = join(folder, 'ready');
  writeFileSync(machine, `${'0123456789abcdef'.repeat(2)}\n`);
  const script = `mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && mkdir -p /run/systemd /var/log/journal \
&& mount --bind ${machine} /etc/machine-id && touch ${ready} && exec ${JOURNALD}`;
  const journald = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
    stdio: 'ignore',
  });
  try {
    await until(() => existsSync(ready));
    const enter = ['-t', String(journald.pid), '-m', '--'];
    await until(() => existsSync(`/proc/${journald.pid}/root/run/systemd/journal/stdout`));
    await body(enter, journald);
  } finally {
    journald.kill('SIGCONT');
    journald.kill('SIGKILL');
  }
}

/** What `compliance-agent probe logging` answers in the namespace. */
function ask(enter: string[]): Journal {
  const baseline = join(folder, 'baseline.yaml');
  const config = join(folder, 'config.yaml');
  writeFileSync(baseline, 'version: 1\nchecks: {logging: {canary_max_latency_ms: 1000}}\n');
  writeFileSync(config, `baseline_path: ${baseline}\n`);
  const program = [join(DIST, 'compliance-agent.js'), 'probe', 'logging', '--config', config];
  const text = execFileSync('nsenter', [...enter, process.execPath, ...program]);
  const document = ProbeDocument.parse(JSON.parse(text.toString()));
  assert.ok(document.ok, text.toString());
  return document.data as Journal;
}

testWith(
  { tools: ['unshare', 'journalctl', 'systemd-cat'], root: true, paths: [JOURNALD] },
  'where systemd has connected standard error to the journal, the canary goes there',
  () =>
    withJournald(async (enter) => {
      ask(enter); // writes the settings
      const [config, out] = [join(folder, 'config.yaml'), join(folder, 'out.json')];
      const probe = `${process.execPath} ${join(DIST, 'compliance-agent.js')} probe logging --config ${config}`;
      // As systemd does before it starts a unit (systemd.exec(5), JOURNAL_STREAM).
      const script = `export JOURNAL_STREAM=$(stat -L -c %d:%i /dev/fd/2); exec ${probe} > ${out}`;
      const cat = ['systemd-cat', '--identifier=unit-of-the-probe', 'sh', '-c', script];
      execFileSync('nsenter', [...enter, ...cat]);
      const document = ProbeDocument.parse(JSON.parse(readFileSync(out, 'utf8')));
      assert.ok(document.ok);
      const { canary } = document.data as Journal;
      assert.ok('written' in canary && canary.latency_ms !== null);
      const found = ['journalctl', '-q', '-o', 'cat', 'SYSLOG_IDENTIFIER=unit-of-the-probe'];
      assert.match(execFileSync('nsenter', [...enter, ...found]).toString(), /^[0-9a-f-]{36}\n$/);
    }),
);

testWith(
  { tools: ['unshare', 'journalctl'], root: true, paths: [JOURNALD] },
  'a real journald: found, volatile until it is flushed, lost while it hangs, refused when it is gone',
  () =>
    withJournald(async (enter, journald) => {
      const first = ask(enter);
      assert.ok('written' in first.canary && first.canary.latency_ms !== null);
      assert.ok('kind' in first.storage && first.storage.kind === 'volatile');
      assert.ok('kind' in first.storage && (first.storage.free_bytes ?? 0) > 0);

      execFileSync('nsenter', [...enter, 'journalctl', '--flush']);
      const { storage } = ask(enter);
      assert.ok('kind' in storage && storage.kind === 'persistent');

      journald.kill('SIGSTOP');
      assert.equal(ask(enter).canary, { written: true, latency_ms: null });
      journald.kill('SIGCONT');

      const still = spawn('nsenter', [...enter, 'sleep', '60'], { stdio: 'ignore' });
      const held = ['-t', String(still.pid), '-m', '--'];
      await until(() => existsSync(`/proc/${still.pid}/root/run/systemd/journal/stdout`));
      journald.kill('SIGKILL');
      await until(() => journald.signalCode !== null);
      try {
        assert.equal(ask(held).canary, { written: false, latency_ms: null });
      } finally {
        still.kill();
      }
    }),
);

/** Tools of these bodies first on PATH. */
function tools(bodies: Record<string, string>): void {
  const place = mkdtempSync(join(folder, 'tools-'));
  for (const [name, body] of Object.entries(bodies)) {
    writeFileSync(join(place, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(place, name), 0o755);
  }
  process.env.PATH = `${place}:${path}`;
}

/** journald’s socket, which takes what it is given, and one that is not there. */
const TAKES = join(folder, 'takes');
const NOBODY = join(folder, 'nobody');
const taken: string[] = [];
const journald = createServer((socket) => socket.on('data', (text) => taken.push(String(text))));
test.before(() => new Promise<void>((ready) => void journald.listen(TAKES, ready)));
test.after(() => void journald.close());

function probe({ root = folder, stream = TAKES } = {}) {
  const section = { canary_max_latency_ms: 10 };
  return probeLogging({ root, section, stream, signal: new AbortController().signal });
}

test('a line that is found in another’s place is not ours', async () => {
  tools({ journalctl: 'echo \'{"MESSAGE":"other"}\'' });
  assert.equal((await probe()).canary, { written: true, latency_ms: null });
  // As systemd-cat(1) has it: identifier, unit, priority, its prefix, and three ways on that are not taken.
  assert.match(taken.join(''), /^compliance-agent-canary\n\n6\n1\n0\n0\n0\n[0-9a-f-]{36}\n$/);
});

test('a journal that one may not read is no lost line', async () => {
  tools({ journalctl: 'exit 1' });
  assert.equal((await probe()).canary, {
    unseen: { code: 'tool_failed', params: { tool: 'journalctl', exit_code: 1 } },
  });
});

const places: [title: string, files: string[], kind: string][] = [
  ['no file', [], 'none'],
  ['a file below /var', ['var/log'], 'persistent'],
  ['a file below /run', ['run/log'], 'volatile'],
  ['a file below both: not flushed yet', ['var/log', 'run/log'], 'volatile'],
];
for (const [title, files, kind] of places) {
  test(`where the journal is kept: ${title}`, async () => {
    const root = mkdtempSync(join(folder, 'root-'));
    const machine = 'a'.repeat(32);
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'etc/machine-id'), `${machine}\n`);
    for (const file of files) {
      mkdirSync(join(root, file, 'journal', machine), { recursive: true });
      writeFileSync(join(root, file, 'journal', machine, 'system.journal'), '');
    }
    const { canary, storage } = await probe({ root, stream: NOBODY });
    assert.equal(canary, { written: false, latency_ms: null });
    assert.is('kind' in storage && storage.kind, kind);
  });
}

test('without a machine id nobody knows where the journal is', async () => {
  const { storage } = await probe({ root: mkdtempSync(join(folder, 'root-')), stream: NOBODY });
  assert.is('unseen' in storage && storage.unseen.code, 'absent');
});

test.run();
