import { spawn } from 'node:child_process';

/**
 * Runs a program with the terminal as its own; rejects when it does not exit with 0. What ends this ends it: SIGTERM is
 * handed on, Ctrl-C comes to both from the terminal, and its own tidying up is waited for.
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    const handOn = () => child.kill('SIGTERM');
    const wait = () => {};
    process.on('SIGTERM', handOn).on('SIGINT', wait);
    child.once('close', () => process.off('SIGTERM', handOn).off('SIGINT', wait));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0
        ? resolve()
        : reject(new Error(`${program} ended with ${signal ?? `exit code ${code}`}`)),
    );
  });
}
