import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';

/** Debian keeps the server’s programs apart from the path, by version. */
const VERSIONS = '/usr/lib/postgresql';
export const OWNER = 'compliance-owner';
export const USER = 'compliance-server';

/** The folder of the newest installed server; null where there is none. */
export function postgresqlPrograms(): string | null {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  const folder = join(VERSIONS, String(newest), 'bin');
  return existsSync(join(folder, 'postgres')) ? folder : null;
}

export type Postgresql = {
  /** The folder of its socket. */
  readonly host: string;
  /** Makes a database that the owner’s role owns, empty or as another is; settings to open it with. */
  makeDatabase(
    name: string,
    options?: { template?: string },
  ): Promise<{ host: string; database: string; user: string; owner: string }>;
  pid(): number;
  /** Kills it as it stands, and starts it again on what is on the disk. */
  crash(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * A real PostgreSQL in a temporary folder, reached by a socket there alone. It refuses to run as root: then it runs as
 * Debian’s user `postgres`. `durable` says whether it really waits for the disk.
 */
export async function startPostgresql({
  durable = false,
  under = tmpdir(),
}: {
  durable?: boolean;
  under?: string;
} = {}): Promise<Postgresql> {
  const programs = postgresqlPrograms();
  if (programs === null) throw new Error('PostgreSQL is not installed');
  const folder = mkdtempSync(join(under, 'postgresql-'));
  const who = unprivileged();
  if (who.uid !== undefined && who.gid !== undefined) chownSync(folder, who.uid, who.gid);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C', '-N'];
  const made = spawnSync(join(programs, 'initdb'), init, { ...who, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const options = {
    listen_addresses: '',
    unix_socket_directories: folder,
    log_min_messages: 'panic',
    fsync: durable ? 'on' : 'off',
  };
  const args = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const launch = () =>
    spawn(join(programs, 'postgres'), ['-D', data, ...args], {
      ...who,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  let child = launch();
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const admin = postgres({
    host: folder,
    user: 'postgres',
    database: 'postgres',
    onnotice: () => {},
  });
  await ready(admin);
  await admin.unsafe(`CREATE ROLE "${OWNER}" LOGIN; CREATE ROLE "${USER}" LOGIN`);
  return {
    host: folder,
    async makeDatabase(name, { template = 'template1' } = {}) {
      await admin.unsafe(`CREATE DATABASE "${name}" OWNER "${OWNER}" TEMPLATE "${template}"`);
      return { host: folder, database: name, user: USER, owner: OWNER };
    },
    pid: () => child.pid ?? 0,
    async crash() {
      await kill(child);
      for (;;) {
        child = launch();
        const ended = once(child, 'exit').then(() => false);
        if (await Promise.race([ready(admin).then(() => true), ended])) return;
        await pause(50); // what the killed one left behind still holds its memory
      }
    },
    async stop() {
      await admin.end({ timeout: 1 });
      child.kill('SIGINT'); // its fast shutdown
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      process.off('exit', end);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function ready(admin: postgres.Sql): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await admin`SELECT 1`;
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      await pause(50);
    }
  }
}

function unprivileged(): { uid: number; gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8').match(/^postgres:[^:]*:(\d+):(\d+):/m);
  if (line === null) throw new Error('there is no user postgres');
  return { uid: Number(line[1]), gid: Number(line[2]) };
}
