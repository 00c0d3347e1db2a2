import { spawn } from 'node:child_process';

/** A resident Node that does nothing and wakes for nothing. */
export function startIdle(): { readonly pid: number; end(): void } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 2 ** 30)'], {
    stdio: 'ignore',
  });
  return { pid: child.pid ?? 0, end: () => void child.kill() };
}
