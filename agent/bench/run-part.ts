import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Told } from './part.ts';
import type { Failed, Row } from './row.ts';

const PART = fileURLToPath(new URL('./part.js', import.meta.url));

export type Part = { readonly rows: readonly Row[]; readonly failed: readonly Failed[] };

/**
 * Runs a file of measurements in a process group of its own, and ends the group at its time limit. Whatever happens to
 * it, each of its measurements is a row or is named as failed.
 */
export function runPart(
  file: string,
  {
    limitMs,
    env = {},
    program = PART,
  }: { limitMs: number; env?: NodeJS.ProcessEnv; program?: string },
): Promise<Part> {
  return new Promise((resolve) => {
    const child = fork(program, [file], {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    let names: readonly string[] = [];
    const rows: Row[] = [];
    const failed: Failed[] = [];
    let reason = '';
    const endGroup = (signal: NodeJS.Signals) => {
      try {
        process.kill(-(child.pid ?? 0), signal);
      } catch {
        // it has ended
      }
    };
    const limit = setTimeout(() => {
      reason = `not done after ${limitMs / 1000} s`;
      endGroup('SIGKILL');
    }, limitMs);
    child.on('message', (told: Told) => {
      if ('names' in told) names = told.names;
      else if ('row' in told) rows.push(told.row);
      else failed.push(told.failed);
    });
    child.once('error', (error) => (reason = error.message));
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      endGroup('SIGKILL'); // what it left behind
      if (reason === '' && (code !== 0 || signal !== null)) reason = `ended by ${signal ?? code}`;
      const told = new Set([...rows, ...failed].map(({ name }) => name));
      const untold = names.length === 0 ? [file] : names.filter((name) => !told.has(name));
      const lost = untold.map((name) => ({ name, reason: reason || 'it told nothing' }));
      resolve({ rows, failed: [...failed, ...lost] });
    });
  });
}
