import { runToEnd } from './program.ts';

/**
 * Tells systemd how the service is (sd_notify(3)): `READY=1`, `STATUS=…`, `WATCHDOG=1`, `STOPPING=1`. Node has no
 * datagram socket of the family, so systemd’s own tool sends it; the unit needs `NotifyAccess=all`. Does nothing where
 * no systemd listens, and never fails the caller: what systemd misses it acts on by itself.
 */
export async function notifySystemd(
  assignments: readonly string[],
  { env = process.env }: { env?: NodeJS.ProcessEnv } = {},
): Promise<boolean> {
  if (!env['NOTIFY_SOCKET']) return false;
  const sent = runToEnd({
    program: 'systemd-notify',
    tool: 'systemd-notify',
    args: assignments,
    env,
    signal: AbortSignal.timeout(5000),
  });
  return sent.then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  );
}

/** Milliseconds between two `WATCHDOG=1`: half of what the unit allows; null where it has no watchdog. */
export function watchdogInterval(env: NodeJS.ProcessEnv): number | null {
  const microseconds = Number(env['WATCHDOG_USEC']);
  const ours = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
  return ours && microseconds > 0 ? Math.round(microseconds / 2000) : null;
}
