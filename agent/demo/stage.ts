import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
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
  mkdirSync(join(folder, 'logs'));

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
      undo.push(() => stop(child));
      return child;
    },
    atEnd(step) {
      undo.push(step);
    },
    async strike({ keep }) {
      for (const step of undo.splice(0).reverse()) await step();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
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
