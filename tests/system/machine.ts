import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import type { Bundle } from '../../agent/src/wire/evidence.ts';
import { REPOSITORY } from '../support/suite.ts';

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A booted Debian of its own, with the shipped units and the built agent. */
export type Machine = {
  /** A path of the machine as this process sees it. */
  path(inside: string): string;
  write(inside: string, text: string, mode?: number): void;
  read(inside: string): string;
  /** Runs a command as root, through a shell. */
  run(command: string): Promise<Ran>;
  /** As `run`; throws unless it ends with 0. Gives what it printed. */
  must(command: string): Promise<string>;
  /** As `run`, with the rights of a user and nothing more. */
  runAs(user: string, command: string): Promise<Ran>;
  /** All evidence, in order. */
  bundles(): Bundle[];
  /** Waits until something holds; throws with the journal’s end when it does not. */
  until<T>(what: string, look: () => T | Promise<T>, seconds?: number): Promise<NonNullable<T>>;
  stop(): Promise<void>;
};

export const MACHINE_NEED = {
  root: true,
  tools: ['mmdebstrap', 'systemd-nspawn', 'nsenter', 'mount', 'umount'],
};

const AGENT = join(REPOSITORY, 'agent');
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Lays a machine over a root folder, installs the agent, and boots it under its own systemd. */
export async function bootMachine(
  root: string,
  prepare: (machine: Machine) => void,
): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'compliance-system-'));
  const mounted = join(folder, 'machine');
  for (const name of ['machine', 'upper', 'work']) mkdirSync(join(folder, name));
  const layers = `lowerdir=${root},upperdir=${join(folder, 'upper')},workdir=${join(folder, 'work')}`;
  await execa('mount', ['-t', 'overlay', 'overlay', '-o', layers, mounted]);
  let container: ChildProcess | undefined;
  let leader = 0;

  const enter = async (prefix: string[], command: string): Promise<Ran> => {
    const namespaces = ['-t', String(leader), '-m', '-u', '-i', '-n', '-p', '-C', '-r', '-w'];
    const program = [...namespaces, 'env', '-i', `PATH=${PATH}`, ...prefix, 'sh', '-c', command];
    const { exitCode, stdout, stderr } = await execa('nsenter', program, {
      reject: false,
      timeout: 120_000,
    });
    return { code: exitCode ?? -1, stdout, stderr };
  };

  const machine: Machine = {
    path: (inside) => join(mounted, inside),
    write(inside, text, mode = 0o644) {
      mkdirSync(dirname(join(mounted, inside)), { recursive: true });
      writeFileSync(join(mounted, inside), text, { mode });
    },
    read: (inside) => readFileSync(join(mounted, inside), 'utf8'),
    run: (command) => enter([], command),
    runAs: (user, command) =>
      enter(
        ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--no-new-privs'],
        command,
      ),
    async must(command) {
      const { code, stdout, stderr } = await enter([], command);
      if (code !== 0) throw new Error(`${command}: exit code ${code}\n${stdout}\n${stderr}`);
      return stdout;
    },
    bundles: () => readBundles(join(mounted, 'var/lib/compliance-agent/evidence')),
    async until(what, look, seconds = 40) {
      for (const end = Date.now() + seconds * 1000; ; await pause(100)) {
        const found = await look();
        if (found) return found;
        if (Date.now() < end) continue;
        const { stdout } = await enter(
          [],
          'journalctl --no-pager -o cat -n 200 | grep -v "Compliance agent probe|Deactivated" | tail -n 25; systemctl --failed --no-legend',
        );
        throw new Error(`not within ${seconds} s: ${what}\n${stdout}`);
      }
    },
    async stop() {
      if (container !== undefined && container.exitCode === null) {
        const ended = new Promise((done) => container?.once('exit', done));
        if (leader > 0) process.kill(leader, 'SIGKILL'); // its whole PID namespace ends with it
        await Promise.race([ended, pause(10_000)]);
      }
      for (let tries = 0; tries < 50; tries += 1) {
        const { exitCode } = await execa('umount', [mounted], { reject: false });
        if (exitCode === 0) break;
        await pause(100);
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };

  try {
    install(machine);
    prepare(machine);
    container = spawn(
      'systemd-nspawn',
      [
        ...['-q', '-D', mounted, '--register=no', '--keep-unit', '--private-network'],
        ...['--resolv-conf=off', '--timezone=off', '--link-journal=no', '--console=pipe', '--boot'],
      ],
      { stdio: 'ignore', env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' } },
    );
    leader = await leaderOf(container.pid ?? 0);
    await machine.until('the machine has booted', async () => {
      const { stdout } = await machine.run('systemctl is-system-running');
      return /^(running|degraded)/.test(stdout);
    });
    return machine;
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

/** The first child of the container’s manager is the machine’s PID 1. */
async function leaderOf(manager: number): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const file = `/proc/${manager}/task/${manager}/children`;
    const [child] = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
    if (child) return Number(child);
    await pause(50);
  }
  throw new Error('systemd-nspawn started nothing');
}

/** The bundled programs, their one compiled library, and the units with their placeholder filled in. */
function install(machine: Machine): void {
  const home = machine.path('/opt/compliance-agent');
  mkdirSync(join(home, 'node_modules'), { recursive: true });
  cpSync(join(AGENT, 'dist'), join(home, 'dist'), { recursive: true });
  for (const name of ['better-sqlite3', 'bindings', 'file-uri-to-path']) {
    cpSync(join(AGENT, 'node_modules', name), join(home, 'node_modules', name), {
      recursive: true,
      filter: (path) => !/\/(deps|src|obj\.target|\.deps)(\/|$)/.test(path.slice(AGENT.length)),
    });
  }
  for (const program of ['compliance-agent', 'compliance-server']) {
    const run = `#!/bin/sh\nexec node /opt/compliance-agent/dist/${program}.js "$@"\n`;
    machine.write(`/usr/bin/${program}`, run, 0o755);
  }
  const units = join(AGENT, 'units');
  for (const name of readdirSync(units).filter((file) => /\.(service|socket|target)$/.test(file))) {
    const text = readFileSync(join(units, name), 'utf8').replaceAll('@bin@', '/usr/bin');
    machine.write(`/usr/lib/systemd/system/${name}`, text);
  }
  for (const kind of ['sysusers.d', 'tmpfiles.d']) {
    for (const name of readdirSync(join(units, kind)))
      machine.write(
        `/usr/lib/${kind}/${basename(name)}`,
        readFileSync(join(units, kind, name), 'utf8'),
      );
  }
  const wants = machine.path('/etc/systemd/system/multi-user.target.wants');
  mkdirSync(wants, { recursive: true });
  symlinkSync(
    '/usr/lib/systemd/system/compliance-agent.service',
    join(wants, 'compliance-agent.service'),
  );
}

function readBundles(evidence: string): Bundle[] {
  if (!existsSync(evidence)) return [];
  return readdirSync(evidence, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('bundle.json'))
    .map((path): Bundle => JSON.parse(readFileSync(join(evidence, path), 'utf8')))
    .sort((one, other) => one.sequence - other.sequence);
}
