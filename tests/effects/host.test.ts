import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Host } from '../../agent/src/core/host.ts';
import { createHost } from '../../agent/src/effects/host/index.ts';
import { toolRunner } from '../../agent/src/effects/host/tools.ts';
import { FailureError } from '../../agent/src/wire/failure.ts';
import { MAX_PROBE_BYTES, PROBE_TYPE } from '../../agent/src/wire/probe.ts';

const folder = mkdtempSync(join(tmpdir(), 'host-'));
const root = join(folder, 'root');
const runtimeDir = join(folder, 'run');
const never = new AbortController().signal;
const host = createHost({ root, runtimeDir, signal: never });

test.before(() => {
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(runtimeDir, 'probe'), { recursive: true });
  writeFileSync(join(folder, 'outside'), 'outside');
  writeFileSync(join(root, 'etc/inside'), 'inside');
  const links = {
    absolute: '/etc/inside',
    relative: '../../../../etc/inside',
    escape: '../../outside',
    folder: '/etc',
    loop: 'loop',
    dangling: '/nowhere',
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, 'etc', name));
  execFileSync('mkfifo', [join(root, 'etc/pipe')]);
});
test.after(() => rmSync(folder, { recursive: true }));

/** The failure that a promise is rejected with. */
async function failure(promise: Promise<unknown>) {
  const thrown = await promise.then(
    () => assert.unreachable('should have failed'),
    (error: unknown) => error,
  );
  assert.instance(thrown, FailureError);
  return (thrown as FailureError).failure;
}

for (const path of ['/etc/absolute', '/etc/relative', '/etc/folder/inside', '/../etc/inside']) {
  test(`${path} is read inside the root`, async () => {
    assert.is(await host.read(path), 'inside');
  });
}

const failing: [title: string, look: (host: Host) => Promise<unknown>, failure: object][] = [
  [
    'a link that climbs out of the root finds nothing',
    (h) => h.read('/etc/escape'),
    { code: 'absent', params: { errno: 'ENOENT', path: '/etc/escape' } },
  ],
  [
    'a path that climbs out of the root finds nothing',
    (h) => h.read('/../outside'),
    { code: 'absent', params: { errno: 'ENOENT', path: '/../outside' } },
  ],
  [
    'a file longer than its limit is too large',
    (h) => h.read('/etc/inside', { limit: 5 }),
    { code: 'too_large', params: { limit: 5 } },
  ],
  [
    'a file below /proc, which has no size, is cut off at its limit too',
    () => createHost({ runtimeDir, signal: never }).read('/proc/self/status', { limit: 5 }),
    { code: 'too_large', params: { limit: 5 } },
  ],
  [
    'a pipe in the place of a file does not hold the check',
    (h) => h.read('/etc/pipe'),
    { code: 'malformed', params: { reason: 'not a regular file' } },
  ],
  [
    'a file is no link',
    (h) => h.link('/etc/inside'),
    { code: 'malformed', params: { errno: 'EINVAL', path: '/etc/inside' } },
  ],
  [
    'a folder is no file',
    (h) => h.read('/etc'),
    { code: 'malformed', params: { reason: 'not a regular file' } },
  ],
  [
    'a path whose name evidence may not carry is left out',
    (h) => h.read('/etc/Müller'),
    { code: 'absent', params: { errno: 'ENOENT' } },
  ],
];
for (const [title, look, expected] of failing) {
  test(title, async () => assert.equal(await failure(look(host)), expected));
}

test('a loop of links ends', async () => {
  assert.is((await failure(host.read('/etc/loop'))).code, 'malformed');
});

test('link gives the target as written, list the names in order, stat the link or what it points at', async () => {
  assert.is(await host.link('/etc/dangling'), '/nowhere');
  assert.equal(await host.list('/etc/folder'), [
    'absolute',
    'dangling',
    'escape',
    'folder',
    'inside',
    'loop',
    'pipe',
    'relative',
  ]);
  assert.is((await host.stat('/etc/absolute')).kind, 'file');
  assert.is((await host.stat('/etc/absolute', { follow: false })).kind, 'link');
  assert.is((await createHost({ runtimeDir, signal: never }).stat('/dev/null')).rdev, '1:3');
});

/** A host whose `systemctl` is a script with this body. */
function withTool(body: string, signal = never): Host {
  const path = join(folder, 'tool');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return createHost({ root, runtimeDir, signal, run: toolRunner({ systemctl: path }) });
}
const ask = { tool: 'systemctl', args: ['show', '$HOME; x'], name: 'units' } as const;

test('a tool gets its arguments as they are, no input and a plain locale', async () => {
  const { stdout } = await withTool('cat; echo "$1|$2|$LC_ALL|$HOME"').run(ask);
  assert.is(stdout, 'show|$HOME; x|C|\n');
});

test('an exit code other than 0 is a failure, unless it is an answer', async () => {
  const tool = withTool('exit 4');
  assert.equal(await failure(tool.run(ask)), {
    code: 'tool_failed',
    params: { tool: 'systemctl', exit_code: 4 },
  });
  assert.is((await tool.run({ ...ask, accept: [4] })).exitCode, 4);
});

test('a tool that is not there is missing', async () => {
  const bare = createHost({
    runtimeDir,
    signal: never,
    run: toolRunner({ systemctl: '/nowhere/tool' }),
  });
  assert.equal(await failure(bare.run(ask)), {
    code: 'tool_missing',
    params: { tool: 'systemctl' },
  });
});

test('a tool that hangs is ended with the check’s time', async () => {
  const limit = new AbortController();
  const started = join(folder, 'started');
  const running = failure(withTool(`echo > ${started}; exec sleep 600`, limit.signal).run(ask));
  while (!existsSync(started)) await new Promise((resolve) => setTimeout(resolve, 5));
  limit.abort();
  assert.equal(await running, { code: 'timeout', params: { tool: 'systemctl' } });
});

test('a tool that never stops writing is cut off', async () => {
  assert.is((await failure(withTool('exec yes').run(ask))).code, 'too_large');
});

/** A probe’s socket where each connection is answered by the next of some functions. */
async function listening(answers: ((socket: Socket) => void)[], body: () => Promise<void>) {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    answers.shift()?.(socket);
  });
  const path = join(runtimeDir, 'probe', 'antivirus.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    await body();
  } finally {
    server.close();
  }
}
const document = (body: object) =>
  JSON.stringify({ type: PROBE_TYPE, probe: 'antivirus', ...body });

test('a busy probe is asked again', async () => {
  const answers = [
    (socket: Socket) => socket.end(),
    (socket: Socket) => socket.end(document({ ok: true, data: { n: 1 } })),
  ];
  await listening(answers, async () => {
    assert.equal(await host.probe('antivirus'), { n: 1 });
  });
});

test('a probe that answers byte for byte as before gives the same object, any other answer another', async () => {
  const says = (n: number) => (socket: Socket) => socket.end(document({ ok: true, data: { n } }));
  await listening([says(1), says(1), says(2)], async () => {
    const first = await host.probe('antivirus');
    assert.is(await host.probe('antivirus'), first);
    assert.equal(await host.probe('antivirus'), { n: 2 });
    assert.equal(first, { n: 1 });
  });
});

test('a probe that stays busy is busy when the time is over', async () => {
  const limit = new AbortController();
  const { signal } = limit;
  const hangUp = (socket: Socket) => socket.end();
  // Closed means that the client has read to the end, and now pauses.
  const last = (socket: Socket) =>
    socket
      .on('close', () => limit.abort())
      .resume()
      .end();
  await listening([hangUp, hangUp, last], async () => {
    assert.equal(await failure(createHost({ root, runtimeDir, signal }).probe('antivirus')), {
      code: 'busy',
      params: { probe: 'antivirus' },
    });
  });
});

test('a probe that never answers is a timeout', async () => {
  const limit = new AbortController();
  await listening([() => limit.abort()], async () => {
    assert.equal(
      await failure(createHost({ root, runtimeDir, signal: limit.signal }).probe('antivirus')),
      { code: 'timeout', params: { probe: 'antivirus' } },
    );
  });
});

const answers: [title: string, text: string | Buffer, failure: object][] = [
  [
    'its own failure is thrown',
    document({ ok: false, error: { code: 'denied', params: { errno: 'EPERM' } } }),
    { code: 'denied', params: { errno: 'EPERM' } },
  ],
  [
    'no JSON is malformed',
    'oops',
    { code: 'malformed', params: { probe: 'antivirus', reason: 'not JSON' } },
  ],
  [
    'an unknown field is malformed',
    document({ ok: true, data: 1, more: 1 }),
    { code: 'malformed', params: { probe: 'antivirus' } },
  ],
  [
    'the document of another probe is malformed',
    JSON.stringify({ type: PROBE_TYPE, probe: 'logging', ok: true, data: 1 }),
    { code: 'malformed', params: { probe: 'antivirus' } },
  ],
  [
    'an endless answer is cut off',
    Buffer.alloc(MAX_PROBE_BYTES + 1, ' '),
    { code: 'too_large', params: { probe: 'antivirus', limit: MAX_PROBE_BYTES } },
  ],
];
for (const [title, text, expected] of answers) {
  test(`of a probe, ${title}`, () =>
    listening([(socket) => socket.end(text)], async () => {
      assert.equal(await failure(host.probe('antivirus')), expected);
    }));
}

test('a probe that is not there is unreachable', async () => {
  assert.equal(await failure(host.probe('volumes')), {
    code: 'unreachable',
    params: { probe: 'volumes', errno: 'ENOENT' },
  });
});

test('the machine’s own files are read where there is no root', async () => {
  const machine = createHost({ runtimeDir, signal: never });
  assert.is(
    await machine.read('/proc/sys/kernel/random/boot_id'),
    readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
  );
});

test.run();
