import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from './stage.ts';

const JOURNALD = '/lib/systemd/systemd-journald';

/**
 * A process that holds a private network namespace and a private mount namespace with its own /run and /var/log. In
 * them the firewall is the kernel’s own and journald the real one, and nothing of this machine is touched.
 */
export type Namespaces = {
  readonly pid: number;
  /** Arguments that put a program into the namespaces, to stand before it. */
  readonly enter: readonly string[];
  /** Command that runs journald in them. */
  readonly journald: readonly string[];
  /** Starts journald again after it was stopped. */
  startJournald(): Promise<number>;
};

export async function holdNamespaces(stage: Stage): Promise<Namespaces> {
  const ready = stage.path('namespaces-ready');
  const hold = `mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log \
&& mkdir -p /run/systemd/journal /run/log/journal /var/log/journal \
&& ip link set lo up && touch "$1" && exec sleep infinity`;
  const holder = stage.start('namespaces', 'unshare', [
    '--mount',
    '--net',
    '--propagation',
    'private',
    'bash',
    '-c',
    hold,
    'hold',
    ready,
  ]);
  await until(() => existsSync(ready), 'namespaces');
  const pid = holder.pid ?? 0;
  const enter = ['nsenter', '-t', String(pid), '-m', '-n', '--'];
  const journald = [...enter, JOURNALD];

  const startJournald = async () => {
    const [program = '', ...args] = journald;
    const child = stage.start('journald', program, args);
    await until(() => inside(enter, ['test', '-S', '/run/systemd/journal/stdout']), 'journald');
    inside(enter, ['journalctl', '--flush']); // from /run to /var/log, as systemd-journal-flush.service does
    return child.pid ?? 0; // nsenter becomes journald: the same process
  };
  return { pid, enter, journald, startJournald };
}

/** Whether a program ends with 0 in the namespaces. */
export function inside(enter: readonly string[], command: readonly string[]): boolean {
  const [program = '', ...args] = [...enter, ...command];
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Waits for something of the demo’s own making; it is there soon or it is broken. */
export async function until(
  there: () => boolean | Promise<boolean>,
  what: string,
  seconds = 15,
): Promise<void> {
  for (let tries = 0; tries < seconds * 20; tries += 1) {
    if (await there()) return;
    await sleep(50);
  }
  throw new Error(`${what}: not there after ${seconds} s`);
}
