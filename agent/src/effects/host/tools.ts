import type { Command, CommandResult, Tool } from '../../core/host.ts';
import { FailureError } from '../../wire/failure.ts';

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** What the tools may know of our environment. */
const PASSED_ON = ['PATH', 'DBUS_SYSTEM_BUS_ADDRESS'];

export type ToolPaths = Partial<Record<Tool, string>>;

/**
 * Runs a tool to its end: no shell, no input, `LC_ALL=C`, times in UTC. Throws `FailureError`: `tool_missing`, `denied`,
 * `timeout` when the signal aborts, `too_large`, `tool_failed` with the exit code where that is not an answer.
 */
export async function runTool(
  command: Command,
  { signal, tools = {} }: { signal: AbortSignal; tools?: ToolPaths | undefined },
): Promise<CommandResult> {
  const { execa } = await import('execa');
  const { tool, args, accept = [] } = command;
  if (signal.aborted) throw new FailureError('timeout', { tool });
  const result = await execa(tools[tool] ?? tool, args, {
    cancelSignal: signal,
    reject: false,
    stdin: 'ignore',
    stderr: 'ignore', // may name people and paths; the exit code is what evidence keeps
    stripFinalNewline: false,
    maxBuffer: MAX_OUTPUT_BYTES,
    extendEnv: false,
    env: { ...passedOn(), LC_ALL: 'C', TZ: 'UTC', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' },
  });
  if (result.isCanceled) throw new FailureError('timeout', { tool });
  if (result.isMaxBuffer) throw new FailureError('too_large', { tool, limit: MAX_OUTPUT_BYTES });
  if (result.exitCode === undefined) throw notRun(result, tool);
  if (result.exitCode !== 0 && !accept.includes(result.exitCode)) {
    throw new FailureError('tool_failed', { tool, exit_code: result.exitCode });
  }
  return { stdout: result.stdout, exitCode: result.exitCode };
}

function notRun(result: { code?: string | undefined; signal?: string | undefined }, tool: Tool) {
  if (result.code === 'ENOENT') return new FailureError('tool_missing', { tool });
  if (result.code === 'EACCES') return new FailureError('denied', { tool, errno: 'EACCES' });
  const reason = result.signal ?? result.code ?? 'unknown';
  return new FailureError('tool_failed', { tool, reason });
}

function passedOn(): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
