import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** CPU milliseconds (user and system) of a program from start to end, by bash’s `time` (getrusage(2) of its child). */
export async function cpuOf(program: string, args: readonly string[]): Promise<number> {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>&1';
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env; // it alone costs 58 ms a start
  const { stderr } = await execute('bash', ['-c', script, 'bench', program, ...args], {
    env: { ...env, LC_ALL: 'C' },
  });
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(' ').map(Number);
  return (user + system) * 1000;
}
