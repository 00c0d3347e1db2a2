import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../../core/host.ts';
import type { Canary } from '../../core/logging/facts.ts';
import { FailureError } from '../../wire/failure.ts';
import { runToEnd } from '../program.ts';

const IDENTIFIER = 'compliance-agent-canary';
/** Milliseconds between two looks. */
const PAUSE = 50;

/**
 * Writes a random line by systemd-cat(1) and looks for it by journalctl(1), for at most `waitMs`. That systemd-cat ends
 * with 0 proves nothing: with journald hung or masked the line stays in the socket. Throws `FailureError` where a tool is missing
 * or the journal cannot be read.
 */
export async function sendCanary({
  host,
  waitMs,
  signal,
}: {
  host: Host;
  waitMs: number;
  signal: AbortSignal;
}): Promise<Canary> {
  const line = randomUUID();
  const begun = performance.now();
  if (!(await write(line, signal))) return { written: false, latency_ms: null };
  for (;;) {
    const { found, exitCode } = await look(host, line);
    const latency = performance.now() - begun;
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
async function write(line: string, signal: AbortSignal): Promise<boolean> {
  const { exitCode } = await runToEnd({
    program: 'systemd-cat',
    tool: 'systemd-cat',
    args: [`--identifier=${IDENTIFIER}`, '--priority=info'],
    input: `${line}\n`,
    signal,
  });
  return exitCode === 0;
}

/** The two fields together are this line’s alone, so no cursor and no clock is needed (systemd.journal-fields(7)). */
async function look(host: Host, line: string): Promise<{ found: boolean; exitCode: number }> {
  const matches = [`SYSLOG_IDENTIFIER=${IDENTIFIER}`, `MESSAGE=${line}`];
  const options = [
    '--quiet',
    '--no-pager',
    '--output=json',
    '--output-fields=MESSAGE',
    '--lines=1',
  ];
  const { stdout, exitCode } = await host.run({
    tool: 'journalctl',
    name: 'canary',
    args: [...options, ...matches],
    accept: [1],
  });
  return { found: stdout.includes(line), exitCode };
}
