import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The temporary folder in which the demo plays, and everything that must end with it. `strike` takes down in the
 * reverse order of setting up, also when the demo is interrupted.
 */
export type Stage = {
  readonly folder: string;
  /** A path below the folder; its parent folders are made. */
  path(...parts: string[]): string;
  /** Starts a process whose output goes to `logs/NAME.log` and which ends with the stage. */
  start(
    name: string,
    program: string,
    args: readonly string[],
    options?: SpawnOptions,
  ): ChildProcess;
  atEnd(undo: () => void | Promise<void>): void;
  strike(options: { keep: boolean }): Promise<void>;
};

export function setStage(): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'compliance-demo-'));
  const undo: (() => void | Promise<void>)[] = [];
  for (const name of ['logs', 'pids']) mkdirSync(join(folder, name));
  const dismiss = sweepAfterUs(folder);

  return {
    folder,
    path(...parts) {
      const path = join(folder, ...parts);
      mkdirSync(join(path, '..'), { recursive: true });
      return path;
    },
    start(name, program, args, options = {}) {
      const log = openSync(join(folder, 'logs', `${name}.log`), 'a');
      const child = spawn(program, args, { ...options, stdio: ['ignore', log, log] });
      child.on('error', () => {}); // shown by whoever waits for what it should do
      const pid = join(folder, 'pids', name);
      if (child.pid !== undefined) writeFileSync(pid, String(child.pid));
      child.once('exit', () => rmSync(pid, { force: true }));
      undo.push(() => stop(child));
      return child;
    },
    atEnd(step) {
      undo.push(step);
    },
    async strike({ keep }) {
      for (const step of undo.splice(0).reverse()) await step();
      if (!keep) rmSync(folder, { recursive: true, force: true });
      dismiss();
    },
  };
}

/** Waits for the end of its input: a line says that the stage was struck, none that whoever set it was killed. */
const SWEEP = `read -r line && exit
for file in "$1"/pids/*; do pid=$(cat "$file"); [ "$pid" -gt 1 ] && kill -9 "$pid"; done
sleep 1; rm -rf "$1"`;

/** A process of its own session, which no signal to us reaches: it ends what `pids/` names when we cannot. */
function sweepAfterUs(folder: string): () => void {
  const sweeper = spawn('sh', ['-c', SWEEP, 'sweep', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  sweeper.unref();
  (sweeper.stdin as Socket).unref();
  return () => void sweeper.stdin.end('struck\n');
}

/** Ends a process: SIGTERM, and SIGKILL after ten seconds. */
export function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const limit = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(limit);
      resolve();
    });
    child.kill(signal);
  });
}
