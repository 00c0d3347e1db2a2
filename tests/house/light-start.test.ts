import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DIST, testWith } from '../support/suite.ts';

const run = (...args: string[]) => execFileSync(process.execPath, args, { encoding: 'utf8' });

for (const program of ['compliance-agent', 'compliance-server']) {
  const file = join(DIST, `${program}.js`);

  // A command that only declares its options must not load what it needs to act: the entry is read at every start.
  test(`the entry of ${program} holds its commands and their parser, no schema or store`, () => {
    const text = readFileSync(join(DIST, 'lib', `${program}.js`), 'utf8');
    assert.ok(text.includes('CommanderError'), 'it is the entry');
    for (const mark of ['ZodType', 'better-sqlite3', 'undici', 'tweetnacl', 'execa']) {
      assert.not.ok(text.includes(mark), `${program}.js contains ${mark}`);
    }
  });

  test(`the help of ${program} that the build has printed is what its commands print`, () => {
    assert.is(run(file, '--help'), run(file, '-h'), 'only --help is kept printed');
  });

  testWith(
    { tools: ['script', 'stty'] },
    `the help of ${program} fits a terminal of another width`,
    () => {
      const printed = (columns: number) => {
        const command = `stty cols ${columns}; ${process.execPath} ${file} --help`;
        const text = execFileSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8' });
        return text.replaceAll('\r', '');
      };
      assert.is(printed(80), run(file, '--help'));
      assert.is.not(printed(40), printed(80));
    },
  );

  test(`${program} runs although its compiled code is of another V8`, () => {
    assert.is(run('--no-opt', file, '--version'), run(file, '--version'), 'V8 looks at its flags');
  });
}

test('a privileged unit’s call reads its own file and no command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'light-start-'));
  try {
    for (const file of ['package.json', 'compliance-agent.js', 'load.js', 'lib/probe.js'])
      cpSync(join(DIST, file), join(folder, file));
    const answer = run(
      join(folder, 'compliance-agent.js'),
      'probe',
      'volumes',
      '--config',
      '/none',
    );
    assert.match(answer, /"probe":"volumes"/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the service’s call of the daemon reads no command; any other form of it is parsed as ever', () => {
  const folder = mkdtempSync(join(DIST, '../.build/light-start-'));
  const ends = (file: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, 'run', ...args]);
    return { status, said: `${stdout}${stderr}` };
  };
  try {
    const filter = (path: string) => !/compliance-agent\.js\.?/.test(path.slice(DIST.length + 4));
    cpSync(DIST, folder, { recursive: true, filter });
    for (const args of [
      ['--config', '/none'],
      ['--root', '/', '--config', '/none'],
    ]) {
      const { status, said } = ends(join(folder, 'compliance-agent.js'), ...args);
      assert.is(status, 78, said);
      assert.match(said, /^compliance-agent: \/none: .*no such file/);
    }
    const whole = join(DIST, 'compliance-agent.js');
    assert.is(ends(whole, '--config=/none').status, 78);
    assert.is(ends(whole, '--configuration', '/none').status, 64);
    assert.is(ends(whole, '--config').status, 64);
    assert.match(ends(whole, '--help').said, /SIGHUP reads settings and baseline again/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what asks a running daemon how it is holds that one question', () => {
  const text = readFileSync(join(DIST, 'lib', 'status.js'), 'utf8');
  assert.ok(text.includes('status text'), 'it is the question');
  assert.not.match(text, /ZodType|CommanderError|YAMLException|node:net/);
  assert.ok(text.length < 8 * 1024, `${text.length} bytes`);
});

test('the daemon loads no HTTP, TLS, threads, calendar or second cryptography before it needs them', () => {
  const script = `
    const { load } = require(process.argv[1]);
    const files = [];
    load(process.argv[2], (file) => files.push(file));
    console.log(JSON.stringify({ files, own: process.moduleLoadList }));`;
  const daemon = join(DIST, 'lib/agent/cli/daemon/run.js');
  const { files, own } = JSON.parse(run('-e', script, join(DIST, 'load.js'), daemon));
  assert.ok(files.length > 10, 'it is the daemon');
  for (const name of ['tls', 'http', 'http2', 'https', 'worker_threads', 'perf_hooks'])
    assert.not.ok(own.includes(`NativeModule ${name}`), `the daemon loads node:${name}`);
  const loaded = files.map((file: string) => readFileSync(file, 'utf8')).join('\n');
  for (const mark of ['llhttp', 'PlainMonthDay', 'crypto_box', 'CommanderError', 'ZodType'])
    assert.not.ok(loaded.includes(mark), `the daemon loads ${mark}`);
});

test('what privileged units run is whole in one file, without schemas, commands or YAML', () => {
  const text = readFileSync(join(DIST, 'lib', 'probe.js'), 'utf8');
  assert.ok(text.includes('iptables-save'), 'it is the probes');
  for (const mark of ['ZodType', 'CommanderError', 'YAMLException', 'better-sqlite3', 'tweetnacl'])
    assert.not.ok(text.includes(mark), `probe.js contains ${mark}`);
});

test.run();
