import type { ProbeName } from '../wire/probe.ts';

/**
 * All that a check can do to a host. Six ways to look, none to change anything. Every method throws `FailureError`
 * (`absent`, `denied`, `timeout`, `tool_missing`, `too_large`, …) and obeys the time limit of the check it was made
 * for. Paths are absolute; an implementation may re-root them, so a check runs against a folder as against a machine.
 */
export interface Host {
  /** Text of a file, links followed inside the root. At most `limit` bytes (default 1 MiB), else `too_large`. */
  read(path: string, options?: { limit?: number }): Promise<string>;
  /** Target of a symbolic link, as written. */
  link(path: string): Promise<string>;
  /** Names in a folder, sorted. */
  list(path: string): Promise<string[]>;
  /** Type, size, owner and times of what is at a path, links followed inside the root; or of the last link itself. */
  stat(path: string, options?: { follow?: boolean }): Promise<FileStatus>;
  /** Runs one of the listed tools with fixed arguments, no shell, `LC_ALL=C`, no standard input. */
  run(command: Command): Promise<CommandResult>;
  /** Connects to a privileged probe’s socket and reads its document’s `data`; its `error` is thrown. */
  probe(name: ProbeName): Promise<unknown>;
}

export type FileStatus = {
  readonly kind: 'file' | 'folder' | 'link' | 'block' | 'character' | 'other';
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly inode: number;
  readonly device: number;
  /** `major:minor` of a device node. */
  readonly rdev: string;
  readonly mode: number;
  readonly uid: number;
};

/** The only programs that a check may start, all readable by an unprivileged user. */
export const TOOLS = ['systemctl', 'journalctl', 'timedatectl', 'chronyc', 'zfs'] as const;
export type Tool = (typeof TOOLS)[number];

export type Command = {
  readonly tool: Tool;
  readonly args: readonly string[];
  /**
   * What is asked about, after `args`. Of commands that differ in it alone one run may answer all: whoever gives it must
   * find its own in an answer that tells of more.
   */
  readonly operands?: readonly string[];
  /** A stable name of what is asked, under which a fixture keeps the answer: `units`, `canary`. */
  readonly name: string;
  /** Exit codes other than 0 that are an answer and not a failure. */
  readonly accept?: readonly number[];
};

export type CommandResult = { readonly stdout: string; readonly exitCode: number };
