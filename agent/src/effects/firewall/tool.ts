import { execFile } from 'node:child_process';
import { FailureError } from '../../wire/failure.ts';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What the firewall’s tools print and change; only processes with CAP_NET_ADMIN have any use for them. */
export type FirewallTool =
  | 'nft'
  | 'ip'
  | 'iptables-save'
  | 'ip6tables-save'
  | 'iptables-restore'
  | 'ip6tables-restore';

export type ToolRun = {
  readonly tool: FirewallTool;
  readonly args: readonly string[];
  /** Standard input. */
  readonly input?: string;
  readonly signal: AbortSignal;
};

export type ToolAnswer = {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
};

/** Runs a tool to its end, whatever its exit code: no shell, `LC_ALL=C`. Throws `FailureError` where it did not run. */
export function tryTool({ tool, args, input = '', signal }: ToolRun): Promise<ToolAnswer> {
  return runToEnd({ program: tool, tool, args, input, signal });
}

/**
 * Runs a program by its name or path and calls it `tool` in failures. By node:child_process, as loading execa takes
 * longer than all else that a probe does, and a probe answers in under 100 ms.
 */
export function runToEnd({
  program,
  tool,
  args,
  input,
  signal,
}: Omit<ToolRun, 'tool'> & { program: string; tool: string }): Promise<ToolAnswer> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const options = { env, signal, maxBuffer: MAX_OUTPUT_BYTES };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = error?.code ?? 0;
      if (typeof code === 'number' && error?.signal == null)
        resolve({ stdout, stderr, exitCode: code });
      else reject(notRun(error, tool));
    });
    child.stdin?.on('error', () => {}); // EPIPE: it ended without reading, and its exit code says why
    child.stdin?.end(input);
  });
}

type ExecError = { name: string; code?: unknown; signal?: NodeJS.Signals | undefined } | null;

function notRun(error: ExecError, tool: string): FailureError {
  if (error?.name === 'AbortError') return new FailureError('timeout', { tool });
  switch (error?.code) {
    case 'ENOENT':
      return new FailureError('tool_missing', { tool });
    case 'EACCES':
      return new FailureError('denied', { tool, errno: 'EACCES' });
    case 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER':
      return new FailureError('too_large', { tool, limit: MAX_OUTPUT_BYTES });
    default:
      return new FailureError('tool_failed', {
        tool,
        reason: String(error?.signal ?? error?.code),
      });
  }
}

/** As `tryTool`, and an exit code other than 0 is a `FailureError`. */
export async function runTool(run: ToolRun): Promise<string> {
  const answer = await tryTool(run);
  if (answer.exitCode !== 0) throw toolFailure(run.tool, answer);
  return answer.stdout;
}

/**
 * Without CAP_NET_ADMIN nft exits 1 with EPERM and iptables with 3 or 4; where no netlink socket may be opened
 * (`RestrictAddressFamilies=`) nft exits 3. Standard error goes to the log at most, never into evidence.
 */
export function toolFailure(
  tool: FirewallTool,
  { exitCode, stderr }: { exitCode: number; stderr: string },
): FailureError {
  const options = {
    message: `${tool} ended with exit code ${exitCode}: ${stderr.trim().slice(0, 2000)}`,
  };
  const params = { tool, exit_code: exitCode };
  if (/not permitted|permission denied|must be root/i.test(stderr)) {
    return new FailureError('denied', { ...params, errno: 'EPERM' }, options);
  }
  if (/address family not supported/i.test(stderr) || (tool === 'nft' && exitCode === 3)) {
    return new FailureError('denied', { ...params, errno: 'EAFNOSUPPORT' }, options);
  }
  return new FailureError('tool_failed', params, options);
}
