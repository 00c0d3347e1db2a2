import { randomUUID } from 'node:crypto';
import { fstatSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../../core/host.ts';
import type { Canary } from '../../core/logging/facts.ts';
import { FailureError } from '../../wire/failure.ts';
import { writeToJournal } from '../journal-stream.ts';
import { monotonicMs } from '../moment.ts';

const STDERR = 2;
/** Milliseconds between two looks. */
const PAUSE = 20;
/** Milliseconds in which only the files are looked into that journald writes now; archived ones may be many. */
const AT_FIRST = 500;
const WRITTEN_NOW = ['/{var,run}/log/journal/*/system.journal'];

/**
 * Writes a random line to the journal and looks for it by journalctl(1), for at most `waitMs`. That it was written
 * proves nothing: with journald hung or masked the line stays in the socket. Throws `FailureError` where a tool is missing
 * or the journal cannot be read.
 */
export async function sendCanary({
  host,
  waitMs,
  signal,
  stream,
}: {
  host: Pick<Host, 'run'>;
  waitMs: number;
  signal: AbortSignal;
  /** Where journald listens, unless it is where systemd has it. */
  stream?: string | undefined;
}): Promise<Canary> {
  const line = randomUUID();
  const begun = monotonicMs();
  if (!(await write(line, { signal, stream }))) return { written: false, latency_ms: null };
  for (;;) {
    const files = monotonicMs() - begun < AT_FIRST ? WRITTEN_NOW : [];
    const { found, exitCode } = await look(host, { line, files });
    const latency = monotonicMs() - begun;
    if (found) return { written: true, latency_ms: Math.round(latency) };
    if (latency > waitMs) {
      // 1 is said of a journal that one may not read, and by some versions of one without the line in it.
      if (exitCode !== 0)
        throw new FailureError('tool_failed', { tool: 'journalctl', exit_code: exitCode });
      return { written: true, latency_ms: null };
    }
    await pause(PAUSE);
  }
}

/** False where nothing takes the line: no journald listens. */
async function write(
  line: string,
  journal: { signal: AbortSignal; stream: string | undefined },
): Promise<boolean> {
  if (!isJournal(STDERR))
    return writeToJournal({ identifier: 'compliance-agent-canary', line, ...journal });
  writeSync(STDERR, `${line}\n`);
  return true;
}

/** Whether a descriptor is the journal’s own socket, as systemd tells what it starts (systemd.exec(5), JOURNAL_STREAM). */
function isJournal(descriptor: number): boolean {
  const { dev, ino } = fstatSync(descriptor);
  return process.env.JOURNAL_STREAM === `${dev}:${ino}`;
}

/** The line is random, so no identifier, cursor or clock is needed. */
async function look(
  host: Pick<Host, 'run'>,
  { line, files }: { line: string; files: readonly string[] },
): Promise<{ found: boolean; exitCode: number }> {
  const { stdout, exitCode } = await host.run({
    tool: 'journalctl',
    name: 'canary',
    args: [
      ...['--quiet', '--no-pager', '--output=json', '--output-fields=MESSAGE', '--lines=1'],
      ...files.map((file) => `--file=${file}`),
      `MESSAGE=${line}`,
    ],
    accept: [1],
  });
  return { found: stdout.includes(line), exitCode };
}
