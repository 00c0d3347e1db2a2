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
export async function tryTool({ tool, args, input = '', signal }: ToolRun): Promise<ToolAnswer> {
  const { execa } = await import('execa');
  if (signal.aborted) throw new FailureError('timeout', { tool });
  const result = await execa(tool, args, {
    cancelSignal: signal,
    reject: false,
    input,
    stripFinalNewline: false,
    maxBuffer: MAX_OUTPUT_BYTES,
    env: { LC_ALL: 'C', TZ: 'UTC' },
  });
  if (result.isCanceled) throw new FailureError('timeout', { tool });
  if (result.isMaxBuffer) throw new FailureError('too_large', { tool, limit: MAX_OUTPUT_BYTES });
  if (result.code === 'ENOENT') throw new FailureError('tool_missing', { tool });
  if (result.exitCode === undefined) {
    throw new FailureError('tool_failed', {
      tool,
      reason: result.signal ?? result.code ?? 'unknown',
    });
  }
  return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode };
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
