import type { Done, Hands } from '../core/remedy.ts';
import type { UnitState } from '../core/units/facts.ts';
import { readUnits } from '../core/units/state.ts';
import { toFailure } from '../wire/failure.ts';

/** Seconds for one call of systemctl; a unit that is slower to start goes on, and is waited for. */
const LIMIT = 120;

/**
 * Starts units anew whatever was done to them: masks are lifted, definitions read again, the count of failures reset.
 * `gently` are only started, since what is lost by stopping them is worse (a socket that takes in log lines).
 */
export async function restartUnits(
  hands: Hands,
  { units, gently = [] }: { units: readonly string[]; gently?: readonly string[] },
): Promise<void> {
  const all = [...gently, ...units];
  const before = await readUnits(hands.host, all);
  const masked = before.filter(({ load_state }) => load_state === 'masked').map(({ unit }) => unit);
  const systemctl = (action: string, ...args: string[]) =>
    hands.run({ action, command: ['systemctl', '--no-ask-password', ...args], limit: LIMIT });
  if (masked.length > 0) {
    await systemctl('unmask_runtime', 'unmask', '--runtime', '--', ...masked);
    await systemctl('unmask', 'unmask', '--', ...masked);
  }
  if (masked.length > 0 || before.some(({ needs_reload }) => needs_reload))
    await systemctl('daemon_reload', 'daemon-reload');
  await systemctl('reset_failed', 'reset-failed', '--', ...all);
  if (gently.length > 0) await systemctl('start', 'start', '--', ...gently);
  if (units.length > 0) await systemctl('restart', 'restart', '--', ...units);
}

/** Waits until every unit is active twice in a row, a second apart; `unhealthy` names the first that is not. */
export async function awaitUnits(
  hands: Hands,
  { units, timeout }: { units: readonly string[]; timeout: number },
): Promise<Done> {
  let healthy = 0;
  let sick: UnitState | undefined;
  for (let second = 0; second <= timeout; second += 1) {
    try {
      const states = await readUnits(hands.host, units);
      sick = states.find(({ active_state }) => active_state !== 'active');
    } catch (error) {
      return { outcome: 'failed', error: toFailure(error, 'remedy.units') };
    }
    healthy = sick === undefined ? healthy + 1 : 0;
    if (healthy === 2) return { outcome: 'success', error: null };
    await hands.pause(1000);
  }
  const unit = sick === undefined ? {} : { unit: sick.unit };
  return { outcome: 'failed', error: { code: 'unhealthy', params: unit } };
}
