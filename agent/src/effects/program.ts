import { execFile } from 'node:child_process';
import { FailureError } from '../wire/failure.ts';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export type ProgramRun = {
  /** Name or path. */
  readonly program: string;
  /** What failures call it. */
  readonly tool: string;
  readonly args: readonly string[];
  /** Standard input; empty where left out. */
  readonly input?: string;
  /** The whole environment; our own with `LC_ALL=C` and times in UTC where left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** Bytes that it may print. */
  readonly limit?: number;
  readonly signal: AbortSignal;
  /** How it is ended when the signal aborts. */
  readonly killSignal?: NodeJS.Signals;
};

export type ProgramAnswer = {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
};

/**
 * Runs a program to its end, whatever its exit code, and without a shell. Throws `FailureError` where it did not run:
 * `tool_missing`, `denied`, `timeout` when the signal aborts, `too_large`, `tool_failed` where a signal ended it. By
 * node:child_process, as execa costs 50 ms and 7 MiB: more than all else that a probe does or the idle daemon holds.
 */
export function runToEnd({
  program,
  tool,
  args,
  input,
  env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  limit = MAX_OUTPUT_BYTES,
  signal,
  killSignal,
}: ProgramRun): Promise<ProgramAnswer> {
  return new Promise((resolve, reject) => {
    const options = { env, signal, killSignal, maxBuffer: limit };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = error?.code ?? 0;
      if (typeof code === 'number' && error?.signal == null)
        resolve({ stdout, stderr, exitCode: code });
      else reject(notRun(error, { tool, limit }));
    });
    child.stdin?.on('error', () => {}); // EPIPE: it ended without reading, and its exit code says why
    child.stdin?.end(input);
  });
}

type ExecError = { name: string; code?: unknown; signal?: NodeJS.Signals | undefined } | null;

function notRun(error: ExecError, { tool, limit }: { tool: string; limit: number }): FailureError {
  if (error?.name === 'AbortError') return new FailureError('timeout', { tool });
  switch (error?.code) {
    case 'ENOENT':
      return new FailureError('tool_missing', { tool });
    case 'EACCES':
      return new FailureError('denied', { tool, errno: 'EACCES' });
    case 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER':
      return new FailureError('too_large', { tool, limit });
    default:
      return new FailureError('tool_failed', {
        tool,
        reason: String(error?.signal ?? error?.code),
      });
  }
}
