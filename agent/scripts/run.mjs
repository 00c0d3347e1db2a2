import { spawn } from 'node:child_process';

/** Runs a program with the terminal as its own; rejects when it does not exit with 0. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0
        ? resolve()
        : reject(new Error(`${program} ended with ${signal ?? `exit code ${code}`}`)),
    );
  });
}
