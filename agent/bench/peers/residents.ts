import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { filled, POLICIES } from './peer.ts';
import type { Subject } from './subject.ts';

/** A peer that stays, with the same six controls every five minutes. */
export type Resident = { readonly name: string; readonly pids: readonly number[]; end(): void };

/** Starts the peers that have a daemon; those that are not installed are not there. */
export function startResidents(subject: Subject): Resident[] {
  return [
    ...(has('monit') ? [monit(subject)] : []),
    ...(has('cf-execd') ? [cfengine(subject)] : []),
  ];
}

const has = (program: string) =>
  ['/usr/bin', '/usr/sbin'].some((folder) => existsSync(join(folder, program)));

function policyOf({ values }: Subject, ...files: string[]): string {
  return files.map((file) => filled(readFileSync(join(POLICIES, file), 'utf8'), values)).join('\n');
}

function monit(subject: Subject): Resident {
  const rc = join(subject.folder, 'monit-resident.rc');
  writeFileSync(rc, policyOf(subject, 'monit.rc', 'monit-resident.rc'), { mode: 0o600 });
  return resident('monit', [spawn('monit', ['-I', '-c', rc], { stdio: 'ignore' })]);
}

/** In a work folder of its own: what Debian’s package keeps in /var/lib is not touched. */
function cfengine(subject: Subject): Resident {
  const work = join(subject.folder, 'cfengine');
  for (const name of ['', 'inputs', 'outputs', 'ppkeys', 'bin']) {
    mkdirSync(join(work, name), { recursive: true });
    chmodSync(join(work, name), 0o700);
  }
  for (const program of ['cf-promises', 'cf-agent'])
    symlinkSync(`/usr/bin/${program}`, join(work, 'bin', program));
  const policy = policyOf(subject, 'cfengine.cf', 'cfengine-resident.cf');
  writeFileSync(join(work, 'inputs/promises.cf'), policy, { mode: 0o600 });
  const env = { ...process.env, CFENGINE_TEST_OVERRIDE_WORKDIR: work };
  execFileSync('cf-key', { env, stdio: 'ignore' });
  const start = (program: string) => spawn(program, ['--no-fork'], { env, stdio: 'ignore' });
  return resident('cf-execd + cf-serverd', [start('cf-execd'), start('cf-serverd')]);
}

const resident = (name: string, children: readonly ChildProcess[]): Resident => ({
  name,
  pids: children.map(({ pid = 0 }) => pid),
  end: () => {
    for (const child of children) child.kill();
  },
});
