import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Something that is killed at any moment and begins again. */
export type Victim = {
  readonly name: string;
  /** SIGKILL, and after `pause` milliseconds a new start; gives when it is started. */
  kill(pause: number): Promise<void>;
};

export type Program = Victim & {
  /** Ends it for good. */
  end(): Promise<void>;
};

/** A program that runs until it is ended; with all of its children, as a group of its own. */
export function keepRunning(
  name: string,
  start: () => { command: string; args: readonly string[]; onLine?: (line: string) => void },
): Program {
  let child: ChildProcess;
  let over = false;
  const launch = () => {
    const { command, args, onLine } = start();
    child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    let rest = '';
    child.stdout?.on('data', (part: Buffer) => {
      const lines = (rest + part).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    });
  };
  const killGroup = async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  process.once('exit', () => {
    if (!over && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
  });
  launch();
  return {
    name,
    async kill(pause) {
      await killGroup();
      await sleep(pause);
      launch();
    },
    async end() {
      over = true;
      await killGroup();
    },
  };
}
