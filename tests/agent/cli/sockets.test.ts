import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ProbeDocument } from '../../../agent/src/wire/probe-document.ts';
import { DIST } from '../../support/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'sockets-'));
test.after(() => rmSync(folder, { recursive: true }));

const config = join(folder, 'config.yaml');
const baseline = join(folder, 'baseline.yaml');
writeFileSync(config, `baseline_path: ${baseline}\n`);
writeFileSync(baseline, 'version: 1\nchecks: {antivirus: {}, encryption: {}}\n');
const program = (...within: string[]) => [
  join(DIST, 'compliance-agent.js'),
  ...['sockets', 'serve', '--runtime-dir', join(folder, 'run'), '--config', config],
  ...within.flatMap((one) => ['--within', one]),
];

async function ask(name: string): Promise<ProbeDocument> {
  const socket = connect(join(folder, 'run/probe', `${name}.sock`));
  socket.end();
  return ProbeDocument.parse(JSON.parse(await text(socket)));
}

async function stop(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit');
  server.kill();
  await ended;
}

test('one socket’s instances run within a command, with its words before theirs; the others do not', async () => {
  const [wrap, told] = [join(folder, 'wrap'), join(folder, 'told')];
  writeFileSync(wrap, `#!/bin/sh\necho "$@" >> ${told}\nshift\nexec "$@"\n`);
  chmodSync(wrap, 0o755);
  const server = spawn(process.execPath, program(`probe/antivirus=${wrap} --net=x`));
  try {
    await once(server.stdout, 'data'); // it listens
    assert.ok((await ask('volumes')).ok);
    assert.not(existsSync(told));
    assert.ok((await ask('antivirus')).ok);
    assert.match(readFileSync(told, 'utf8'), /^--net=x \S+ \S+ probe antivirus --config \S+\n$/);
  } finally {
    await stop(server);
  }
});

const wrong: [value: string, says: RegExp][] = [
  ['probe/passwords=nsenter', /no such socket: probe\/passwords/],
  ['probe/firewall', /expected NAME=COMMAND/],
  ['probe/firewall=', /expected NAME=COMMAND/],
];
for (const [value, says] of wrong) {
  test(`--within ${value} is wrong usage`, () => {
    const { status, stderr } = spawnSync(process.execPath, program(value), { encoding: 'utf8' });
    assert.is(status, 64);
    assert.match(stderr, says);
  });
}

test.run();
