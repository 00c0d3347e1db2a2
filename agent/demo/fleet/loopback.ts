import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.ts';
import { until } from '../namespace.ts';
import { postgresqlPrograms, startPostgresql } from '../postgresql.ts';
import { SERVER_PROGRAM } from '../programs.ts';
import type { Stage } from '../stage.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { Scenario } from './scenario.ts';

const HOST_PROGRAM = fileURLToPath(new URL('./host.js', import.meta.url));
export const ADDRESS = '127.0.0.1';

/** PostgreSQL, two servers, NGINX before them, and the hosts of the scenario: each a process on loopback. */
export type Running = {
  readonly url: string;
  readonly prepared: Prepared;
  /** Where each host’s program listens for what the demo tells it. */
  readonly hosts: ReadonlyMap<string, string>;
};

/** What the stack needs and this machine lacks, as Debian’s packages. */
export function lacking(): string[] {
  const nginx = spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0;
  return [
    ...(nginx ? [] : ['nginx-light']),
    ...(postgresqlPrograms() === null ? ['postgresql'] : []),
  ];
}

/** With root’s rights what is missing comes from Debian’s packages. */
export function install(packages: readonly string[]): void {
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...packages);
}

export async function startStack(stage: Stage, scenario: Scenario): Promise<Running> {
  const postgresql = await startPostgresql();
  writeFileSync(stage.path('pids', 'postgresql'), String(postgresql.pid())); // for who sweeps after us
  stage.atEnd(() => postgresql.stop());
  const port = await freePort();
  const prepared = await prepare(scenario, {
    folder: stage.path('stack'),
    names: [ADDRESS, 'localhost'],
    ...{ address: ADDRESS, port },
    sockets: [1, 2].map((number) => stage.path('run', `server-${number}.sock`)),
    postgresql: await postgresql.makeDatabase('evidence'),
  });
  const { configs, nginxConfig } = prepared;
  for (const [index, config] of configs.entries()) {
    const name = `server-${index + 1}`;
    const serving = stage.start(name, process.execPath, [
      SERVER_PROGRAM,
      'serve',
      '--config',
      config,
    ]);
    await until(() => logged(stage, name, 'listening', serving), name, 30);
  }
  stage.start('nginx', 'nginx', ['-c', nginxConfig, '-e', join(stage.folder, 'logs/nginx.log')]);
  const hosts = new Map<string, string>();
  for (const { name } of scenario.hosts) {
    const program = [HOST_PROGRAM, '--name', name, '--identity', prepared.identities];
    const args = [...program, '--server', `${ADDRESS}:${port}`];
    const host = stage.start(name, process.execPath, args);
    let url: string | undefined;
    await until(
      () => {
        url = /listening at (http:\S+)/.exec(logOf(stage, name))?.[1];
        if (host.exitCode !== null) throw new Error(`${name} ended: ${logOf(stage, name)}`);
        return url !== undefined;
      },
      name,
      60,
    );
    hosts.set(name, url ?? '');
  }
  return { url: `https://${ADDRESS}:${port}`, prepared, hosts };
}

const logOf = (stage: Stage, name: string) =>
  readFileSync(join(stage.folder, 'logs', `${name}.log`), 'utf8');

function logged(stage: Stage, name: string, words: string, { exitCode }: ChildProcess): boolean {
  const log = logOf(stage, name);
  if (exitCode !== null) throw new Error(`${name} ended: ${log}`);
  return log.includes(words);
}
