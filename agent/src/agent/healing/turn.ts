import type { Draft } from '../../wire/evidence.ts';
import type { Failure } from '../../wire/failure.ts';
import type { Decision, Healed, HealingInput } from '../healing.ts';

export type Turn = ReturnType<typeof newTurn>;

/** What one cycle gathers. */
export function newTurn({ states }: HealingInput) {
  const now = new Map(states.map((state) => [state.check, state]));
  const drafts: Draft[] = [];
  const decisions = new Map<string, Decision>();
  return {
    states: now,
    drafts,
    /** What the bundle about drift says where its remedy was put off, and why. */
    defer(
      check: string,
      { remedy, order_id, error }: { remedy: string; order_id: string | null; error: Failure },
    ) {
      if (now.get(check)?.verdict !== 'drifted') return;
      decisions.set(check, { outcome: 'deferred', order_id, runbook_id: remedy, error });
    },
    healed: (attempted: number): Healed => ({
      states: [...now.values()],
      drafts,
      decisions,
      attempted,
      successful: drafts.filter(({ outcome, runbook_id }) => runbook_id && outcome === 'success')
        .length,
    }),
  };
}
