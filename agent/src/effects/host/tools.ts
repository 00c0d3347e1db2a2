import type { Command, CommandResult, Tool } from '../../core/host.ts';
import { FailureError } from '../../wire/failure.ts';
import { runToEnd } from '../program.ts';

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
  const { tool, args, operands = [], accept = [] } = command;
  const { stdout, exitCode } = await runToEnd({
    program: tools[tool] ?? tool,
    tool,
    args: [...args, ...operands],
    limit: MAX_OUTPUT_BYTES,
    unheard: true, // it may name people and paths; the exit code is what evidence keeps
    env: { ...passedOn(), LC_ALL: 'C', TZ: 'UTC', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' },
    signal,
    killSignal: 'SIGKILL', // it only looks, so nothing is left half done
  });
  if (exitCode !== 0 && !accept.includes(exitCode)) {
    throw new FailureError('tool_failed', { tool, exit_code: exitCode });
  }
  return { stdout, exitCode };
}

function passedOn(): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

export type ToolRunner = (command: Command, signal: AbortSignal) => Promise<CommandResult>;

/** Runs tools by their names on PATH, or for a simulated host by the paths given. */
export const toolRunner =
  (tools?: ToolPaths): ToolRunner =>
  (command, signal) =>
    runTool(command, { signal, tools });
