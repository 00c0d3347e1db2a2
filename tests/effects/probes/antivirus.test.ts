import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { antivirus } from '../../../agent/src/checks/antivirus.ts';
import type { Executables } from '../../../agent/src/core/antivirus/facts.ts';
import { identify } from '../../../agent/src/core/file-identity.ts';
import { probeAntivirus } from '../../../agent/src/effects/probes/antivirus.ts';
import type { FileHashes } from '../../../agent/src/effects/probes/file-hashes.ts';
import { runningExecutables } from '../../../agent/src/effects/probes/processes.ts';
import { sha256Hex } from '../../../agent/src/wire/canonical.ts';

const folder = mkdtempSync(join(tmpdir(), 'antivirus-'));
const root = join(folder, 'root');
const tools = join(folder, 'tools');
const path = process.env.PATH;
/** The program that this machine’s `sleep` is: its path must be the process’s own. */
const program = join(folder, 'fakeavd');
let child: ReturnType<typeof spawn>;

test.before(async () => {
  mkdirSync(root, { recursive: true });
  mkdirSync(tools);
  copyFileSync('/bin/sleep', program);
  child = spawn(program, ['600']);
  await once(child, 'spawn');
  process.env.PATH = `${tools}:${path}`;
});
test.after(() => {
  child.kill();
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** Puts a `systemctl` on PATH that knows one unit with this process. */
function systemctl(properties: string) {
  writeFileSync(
    join(tools, 'systemctl'),
    `#!/bin/sh\nprintf 'Id=fakeav.service\\nLoadState=loaded\\n${properties}'\n`,
  );
  chmodSync(join(tools, 'systemctl'), 0o755);
}

type Found = Executables['units'][number];

/** What the probe found of the unit, but for when each program was hashed: in this look. */
async function probe(executable: string): Promise<Found> {
  const begun = new Date().toISOString();
  const found = await look(executable);
  const fresh = <T extends { hashed_at?: string | undefined }>({ hashed_at, ...rest }: T) => {
    assert.ok('sha256' in rest && (typeof rest.sha256 !== 'string' || (hashed_at ?? '') >= begun));
    return rest;
  };
  const running = Array.isArray(found.running) ? found.running.map(fresh) : found.running;
  return { ...found, on_disk: found.on_disk.map(fresh), running };
}

async function look(executable: string, cacheDir?: string): Promise<Found> {
  const section = antivirus.expectation.parse({
    units: [{ unit: 'fakeav.service', executable }, { unit: 'fakeav.timer' }],
  });
  const signal = new AbortController().signal;
  const { units } = await probeAntivirus({ root, section, signal, cacheDir });
  assert.is(units.length, 1);
  return units[0] as Executables['units'][number];
}

test('without a cgroup the main process is hashed, and the declared file below the root', async () => {
  systemctl(`MainPID=${child.pid}\\nControlGroup=/system.slice/fakeav.service\\n`);
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'bin/fakeavd'), 'other');
  assert.equal(await probe('/bin/fakeavd'), {
    unit: 'fakeav.service',
    on_disk: [{ path: '/bin/fakeavd', sha256: sha256Hex('other') }],
    running: [
      {
        sha256: sha256Hex(readFileSync('/bin/sleep')),
        declared: null,
        in_store: false,
        deleted: false,
        processes: 1,
      },
    ],
  });
});

test('every process of the cgroup and of those below is hashed, one entry a program', async () => {
  const group = join(root, 'sys/fs/cgroup/system.slice/fakeav.service');
  mkdirSync(join(group, 'worker'), { recursive: true });
  writeFileSync(join(group, 'cgroup.procs'), `${child.pid}\n${process.pid}\n999999999\n`);
  writeFileSync(join(group, 'worker/cgroup.procs'), `${child.pid}\n`);
  const { running } = await probe('/bin/fakeavd');
  assert.ok(Array.isArray(running));
  assert.equal(
    running.map(({ sha256, processes }) => [sha256, processes]).sort(),
    [
      [sha256Hex(readFileSync('/bin/sleep')), 2],
      [sha256Hex(readFileSync(process.execPath)), 1],
    ].sort(),
  );
});

test('a program whose file was replaced is hashed for what runs', async () => {
  rmSync(program);
  writeFileSync(program, 'replaced');
  const group = join(root, 'sys/fs/cgroup/system.slice/fakeav.service');
  writeFileSync(join(group, 'cgroup.procs'), `${child.pid}\n`);
  writeFileSync(join(group, 'worker/cgroup.procs'), '');
  const { running } = await probe(program);
  assert.equal(running, [
    {
      sha256: sha256Hex(readFileSync('/bin/sleep')),
      declared: program,
      in_store: false,
      deleted: true,
      processes: 1,
    },
  ]);
});

test('a unit without a process runs nothing; a declared file that is not there is absent', async () => {
  systemctl('MainPID=0\\nControlGroup=\\n');
  const { running, on_disk } = await probe('/bin/none');
  assert.equal(running, []);
  assert.equal(on_disk, [
    {
      path: '/bin/none',
      sha256: { unseen: { code: 'absent', params: { errno: 'ENOENT', path: '/bin/none' } } },
    },
  ]);
});

test('what a run before kept of an unchanged file is believed, and the answer says since when', async () => {
  const cacheDir = mkdtempSync(join(folder, 'cache-'));
  const kept = join(cacheDir, 'digests.json');
  const hashedAt = new Date(Date.now() - 1000).toISOString();
  const digest = { sha256: '0'.repeat(64), hashed_at: hashedAt, uptime_sec: Math.floor(uptime()) };
  const identity = identify(statSync(join(root, 'bin/fakeavd'), { bigint: true }));
  const boot_id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  writeFileSync(kept, JSON.stringify({ boot_id, files: { [identity]: digest } }), { mode: 0o600 });
  const { on_disk } = await look('/bin/fakeavd', cacheDir);
  assert.equal(on_disk, [{ path: '/bin/fakeavd', sha256: digest.sha256, hashed_at: hashedAt }]);
});

test('a program in two files is one entry, as old as the first of them', async () => {
  const paths: string[] = [];
  const at = (seconds: number) => ({ now: new Date(seconds * 1000), uptime: seconds });
  const hashes = {
    of: async (path: string) => ({ sha256: sha256Hex('x'), hashed: at(60 + paths.push(path)) }),
  } as FileHashes;
  const running = await runningExecutables([process.pid, process.pid], { paths: [], hashes });
  assert.equal(
    running.map(({ processes, hashed_at }) => [processes, hashed_at]),
    [[2, at(61).now.toISOString()]],
  );
});

test.run();
