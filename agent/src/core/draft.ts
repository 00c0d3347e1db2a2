import type { Draft } from '../wire/evidence.ts';
import type { Json } from '../wire/primitives.ts';

/** A draft that records an event of the agent itself: start, stop, freeze, acceptance, key, chain, retention. */
export function eventDraft({
  check,
  at,
  controls,
  pre = null,
  post,
}: {
  check: string;
  at: Date;
  controls: readonly string[];
  pre?: Json;
  post: Json;
}): Draft {
  const timestamp = at.toISOString();
  return {
    timestamp_start: timestamp,
    timestamp_end: timestamp,
    check,
    hipaa_controls: [...controls],
    pre_state: pre,
    post_state: post,
    action_taken: [],
    rollback_available: false,
    rollback_generation: null,
    outcome: 'recorded',
    error: null,
    order_id: null,
    runbook_id: null,
  };
}
