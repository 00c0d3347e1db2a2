import { FailureError } from '../../wire/failure.ts';
import { type ProgramAnswer, runToEnd } from '../program.ts';

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

/** Runs a tool to its end, whatever its exit code: no shell, `LC_ALL=C`. Throws `FailureError` where it did not run. */
export function tryTool({ tool, ...run }: ToolRun): Promise<ProgramAnswer> {
  return runToEnd({ program: tool, tool, ...run });
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
