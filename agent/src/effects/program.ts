import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
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
  /** What it says on standard error is let go, and `stderr` empty: a pipe less. */
  readonly unheard?: boolean;
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
  unheard = false,
  signal,
  killSignal,
}: ProgramRun): Promise<ProgramAnswer> {
  return new Promise((resolve, reject) => {
    // What nobody writes or reads gets no pipe: each is a fifth of what it costs to start a program.
    const child = spawn(program, args, {
      ...{ env, signal, killSignal },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', unheard ? 'ignore' : 'pipe'],
    });
    const gather = (stream: Readable | null) => {
      const parts: Buffer[] = [];
      let total = 0;
      stream?.on('data', (part: Buffer) => {
        parts.push(part);
        total += part.length;
        if (total > limit) fail(new FailureError('too_large', { tool, limit }));
      });
      return () => Buffer.concat(parts).toString('utf8');
    };
    const fail = (failure: FailureError) => {
      child.kill(killSignal);
      for (const stream of [child.stdout, child.stderr]) stream?.destroy(); // a grandchild may hold them open
      reject(failure);
    };
    const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)];
    child.once('error', (error) => fail(notRun(error, tool)));
    child.once('close', (code, ended) => {
      if (code !== null && ended === null)
        resolve({ stdout: stdout(), stderr: stderr(), exitCode: code });
      else reject(new FailureError('tool_failed', { tool, reason: String(ended) }));
    });
    child.stdin?.on('error', () => {}); // EPIPE: it ended without reading, and its exit code says why
    child.stdin?.end(input);
  });
}

function notRun({ name, code }: Error & { code?: unknown }, tool: string): FailureError {
  if (name === 'AbortError') return new FailureError('timeout', { tool });
  if (code === 'ENOENT') return new FailureError('tool_missing', { tool });
  if (code === 'EACCES') return new FailureError('denied', { tool, errno: 'EACCES' });
  return new FailureError('tool_failed', { tool, reason: String(code) });
}
