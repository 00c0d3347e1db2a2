import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * What the simulated PID 1 knows of a unit. Whether a unit with a `pid_file` is active is not stored: it is whether
 * that process lives.
 */
export type SimulatedUnit = {
  readonly pid_file?: string;
  /** For a unit without a process of its own: a socket or a timer. */
  readonly active?: boolean;
  readonly masked?: boolean;
  readonly drop_ins?: readonly string[];
  readonly restarts?: number;
  /** Command by which it starts; without a `pid_file` it runs to its end. */
  readonly start?: readonly string[];
};

export type SimulatedUnits = Record<string, SimulatedUnit>;

export function readUnits(file: string): SimulatedUnits {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SimulatedUnits) : {};
}

/** Changes the table in one rename, so that a reader never sees half of it. */
export function changeUnits(file: string, change: (units: SimulatedUnits) => SimulatedUnits): void {
  writeFileSync(`${file}.new`, JSON.stringify(change(readUnits(file)), null, 2));
  renameSync(`${file}.new`, file);
}

/** The process of a unit while it lives; 0 otherwise, as systemd’s `MainPID`. */
export function mainPid({ pid_file }: SimulatedUnit): number {
  if (pid_file === undefined || !existsSync(pid_file)) return 0;
  const pid = Number(readFileSync(pid_file, 'utf8'));
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ') ? 0 : pid;
  } catch {
    return 0;
  }
}
