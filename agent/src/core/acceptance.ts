import type { RemedyResult } from '../wire/remedy.ts';
import type { RootState } from '../wire/root-state.ts';

/**
 * Whether a boot may accept what it booted: only where no switch back to the accepted generation was tried, and not
 * brought to its end, since that generation was accepted. Such a host runs what it was to leave (a power cut amid the
 * switch, a switch that failed), and a boot of that is drift as before, no `nixos-rebuild boot`.
 */
export function mayAcceptByBoot(
  { events, created_at }: Pick<RootState, 'events' | 'created_at'>,
  results: readonly Pick<RemedyResult, 'remedy' | 'timestamp_start' | 'outcome'>[],
): boolean {
  const since = events.findLast(({ kind }) => kind === 'acceptance')?.at ?? created_at;
  const last = results.findLast(({ remedy }) => remedy === 'update_to_baseline_generation');
  return last === undefined || last.timestamp_start < since || last.outcome === 'success';
}
