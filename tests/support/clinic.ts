import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Bundle } from '../../agent/src/wire/evidence.ts';
import { DIST, FIXTURES } from './suite.ts';

const PROGRAM = join(DIST, 'compliance-agent.js');
const ENCRYPTION = join(FIXTURES, 'encryption');
const MOUNTS = 'root/proc/1/mountinfo';

/** How a program that ran to its end ended. */
export type Ended = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/**
 * A host in a temporary folder, for the bundled agent to watch: the encryption fixture's root, whose one secret mount
 * can be put in the clear and back. `disk` gives its state folder a file system of that size, as root; `program` is
 * another build of the agent.
 */
export function makeClinic({ disk, program = PROGRAM }: { disk?: string; program?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'clinic-'));
  const paths = {
    folder,
    root: join(folder, 'root'),
    state: join(folder, 'state'),
    config: join(folder, 'config.json'),
    baseline: join(folder, 'baseline.json'),
  };
  cpSync(join(ENCRYPTION, 'compliant', 'root'), paths.root, {
    recursive: true,
    verbatimSymlinks: true,
  });
  mkdirSync(join(paths.root, 'proc/sys/kernel/random'), { recursive: true });
  writeFileSync(join(paths.root, 'proc/sys/kernel/random/boot_id'), 'boot-of-the-test\n');
  const daemons: ChildProcess[] = [];
  if (disk !== undefined) {
    mkdirSync(paths.state);
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${disk}`, 'tmpfs', paths.state]);
  }

  const configure = (more: Record<string, unknown> = {}) =>
    writeFileSync(
      paths.config,
      JSON.stringify({
        host_id: 'clinic-1',
        state_dir: paths.state,
        baseline_path: paths.baseline,
        runtime_dir: join(folder, 'run'),
        poll_interval: 1,
        ...more,
      }),
    );
  configure();
  const encryption = { mounts: [{ target: '/srv/secret' }], undeclared_mounts: 'ignored' };
  writeFileSync(paths.baseline, JSON.stringify({ version: 1, checks: { encryption } }));

  const start = (...args: string[]) => {
    const { COMPLIANCE_AGENT_TRACE: _, ...env } = process.env;
    return spawn(process.execPath, [program, ...args, '--config', paths.config], { env });
  };
  return {
    paths,
    configure,
    setMounts: (state: 'compliant' | 'drifted') =>
      cpSync(join(ENCRYPTION, state, MOUNTS), join(folder, MOUNTS)),
    /** Every bundle of the state folder, in the order of the chain. */
    bundles: (): Bundle[] => readBundles(join(paths.state, 'evidence')),
    /** Runs a command of the agent to its end. */
    async run(...args: string[]): Promise<Ended> {
      const child = start(...args);
      const streams = [child.stdout, child.stderr].map(collect);
      const [code] = await once(child, 'close');
      const [stdout = '', stderr = ''] = streams.map((read) => read());
      return { code, stdout, stderr };
    },
    /** Starts the daemon; `log` is what it has logged so far. */
    daemon() {
      const child = start('run', '--root', paths.root);
      daemons.push(child);
      const log = collect(child.stdout);
      const errors = collect(child.stderr);
      const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
        if (child.exitCode !== null) return child.exitCode;
        child.kill(signal);
        const [code] = await once(child, 'exit');
        return code;
      };
      return { child, log: () => log() + errors(), stop };
    },
    async remove() {
      for (const child of daemons) child.kill('SIGKILL');
      await Promise.all(
        daemons.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')),
      );
      if (disk !== undefined) spawnSync('umount', [paths.state]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Found<T> = T | undefined | false | null;

/** Seconds after which waiting is in vain: before the runner kills the suite, which would leave daemons and mounts. */
const IN_VAIN = 100;

/** Waits until something holds. Throws where it is in vain, so that the test cleans up. */
export const until = <T>(look: () => Found<T>): Promise<T> => untilAsync(async () => look());

export async function untilAsync<T>(look: () => Promise<Found<T>>): Promise<T> {
  for (let turns = 0; turns < IN_VAIN * 50; turns += 1) {
    const found = await look();
    if (found) return found;
    await pause(20);
  }
  throw new Error(`waited ${IN_VAIN} seconds in vain for ${look}`);
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (part: Buffer) => {
    text += part.toString();
  });
  return () => text;
}

function readBundles(evidence: string): Bundle[] {
  if (!existsSync(evidence)) return [];
  return readdirSync(evidence, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('bundle.json'))
    .map((path) => Bundle.parse(JSON.parse(readFileSync(join(evidence, path), 'utf8'))))
    .sort((one, other) => one.sequence - other.sequence);
}
