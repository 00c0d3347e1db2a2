import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { antivirus } from '../../../agent/src/checks/antivirus.ts';
import type { Executables } from '../../../agent/src/core/antivirus/facts.ts';
import { probeAntivirus } from '../../../agent/src/effects/probes/antivirus.ts';
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

async function probe(executable: string, at = root): Promise<Executables['units'][number]> {
  const section = antivirus.expectation.parse({
    units: [{ unit: 'fakeav.service', executable }, { unit: 'fakeav.timer' }],
  });
  const signal = new AbortController().signal;
  const { units } = (await probeAntivirus({ root: at, section, signal })) as Executables;
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

test.run();
