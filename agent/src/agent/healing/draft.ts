import type { Check } from '../../core/check.ts';
import type { Intent, OrderTask } from '../../core/journal.ts';
import type { Draft } from '../../wire/evidence.ts';
import type { Failure } from '../../wire/failure.ts';
import type { Json } from '../../wire/primitives.ts';
import type { RemedyAnswer, RemedyResult } from '../../wire/remedy.ts';
import type { RootEvent } from '../../wire/root-state.ts';
import type { CheckState } from '../../wire/verdict.ts';

/** Citations of 45 CFR part 164 of a check (164.308(a)(6)(ii) is the mending itself). */
function controls(check: Check | undefined): string[] {
  const ids = (check?.citations ?? []).flatMap(({ framework, id }) =>
    framework === 'hipaa' ? [id] : [],
  );
  return [...new Set(['164.308(a)(6)(ii)', ...ids])].sort().slice(0, 32);
}

/**
 * The bundle of a remedy that ended. What counts is the same probe and judgement again: a remedy that calls itself a
 * success and left the drift has failed. Its first action names root’s result.
 */
export function remedyDraft({
  result,
  intent,
  post,
  check,
}: {
  result: RemedyResult;
  /** Null for a result that no intent claims. */
  intent: Intent | null;
  post: CheckState;
  check: Check | undefined;
}): Draft {
  const end = result.timestamp_end ?? result.timestamp_start;
  const still = result.outcome === 'success' && post.verdict !== 'compliant';
  const error: Failure | null = still
    ? { code: 'unhealthy', params: { reason: `still ${post.verdict}` } }
    : result.error;
  const outcome = still ? 'failed' : (result.outcome ?? 'failed');
  const duration = Math.max(0, Date.parse(end) - Date.parse(result.timestamp_start)) / 1000;
  return {
    timestamp_start: result.timestamp_start,
    timestamp_end: end,
    check: post.check,
    hipaa_controls: controls(check),
    pre_state: (intent?.pre_state ?? null) as Json,
    post_state: post as Json,
    action_taken: [
      {
        step: 1,
        action: 'remedy',
        command: `remedy/${result.remedy} result ${result.number}`,
        exit_code: null,
        duration_sec: duration,
        result: outcome === 'success' ? 'ok' : 'failed',
      },
      ...result.action_taken.slice(0, 63).map((action) => ({ ...action, step: action.step + 1 })),
    ],
    rollback_available: result.rollback_available,
    rollback_generation: result.rollback_generation,
    outcome,
    error,
    order_id: result.order_id,
    runbook_id: result.remedy,
  };
}

/** The number of root’s result in the evidence of a remedy; null for any other bundle. */
export function resultNumber({
  action_taken: [first],
}: Pick<Draft, 'action_taken'>): number | null {
  const found = /^remedy\/[a-z_]+ result (\d+)$/.exec(first?.command ?? '');
  return found === null ? null : Number(found[1]);
}

/** The bundle of an order that root refused (45 CFR 164.312(a)(1)). */
export function refusalDraft({
  answer,
  intent,
  check,
  now,
}: {
  answer: Extract<RemedyAnswer, { ran: false }>;
  intent: Intent;
  check: Check | undefined;
  now: Date;
}): Draft {
  const at = now.toISOString();
  return {
    timestamp_start: intent.at,
    timestamp_end: at,
    check: 'order',
    hipaa_controls: controls(check),
    pre_state: null,
    post_state: { check: intent.check, runbook_id: answer.remedy },
    action_taken: [],
    rollback_available: false,
    rollback_generation: null,
    outcome: answer.outcome,
    error: answer.error,
    order_id: answer.order_id ?? intent.order_id,
    runbook_id: answer.remedy,
  };
}

/** The bundle of an order that was asked for and that the server let expire; none ran. */
export function expiryDraft({
  task,
  check,
  now,
}: {
  task: OrderTask;
  check: Check | undefined;
  now: Date;
}): Draft {
  return {
    timestamp_start: task.at,
    timestamp_end: now.toISOString(),
    check: 'order',
    hipaa_controls: controls(check),
    pre_state: null,
    post_state: { check: task.check, runbook_id: task.runbook_id, request_id: task.request_id },
    action_taken: [],
    rollback_available: false,
    rollback_generation: null,
    outcome: 'expired',
    error: { code: 'expired', params: { reason: 'order request' } },
    order_id: task.order_id,
    runbook_id: task.runbook_id,
  };
}

/** The request that an expiry is about; null for any other bundle. */
export function expiredRequest({ check, post_state }: Pick<Draft, 'check' | 'post_state'>) {
  if (check !== 'order' || typeof post_state !== 'object' || post_state === null) return null;
  const id = Array.isArray(post_state) ? undefined : post_state['request_id'];
  return typeof id === 'string' ? id : null;
}

/** The bundle of what root changed: break-glass, accepted generation. */
export function eventDraft(event: RootEvent): Draft {
  return {
    timestamp_start: event.at,
    timestamp_end: event.at,
    check: event.kind === 'acceptance' ? 'acceptance' : 'freeze',
    hipaa_controls: event.kind === 'acceptance' ? ['164.308(a)(8)'] : ['164.308(a)(6)(ii)'],
    pre_state: null,
    post_state: event as Json,
    action_taken: [],
    rollback_available: false,
    rollback_generation: null,
    outcome: 'recorded',
    error: null,
    order_id: event.kind === 'acceptance' ? event.order_id : null,
    runbook_id: null,
  };
}

/** The number of root’s event in its evidence; null for any other bundle. */
export function eventNumber({
  check,
  post_state,
}: Pick<Draft, 'check' | 'post_state'>): number | null {
  if (check !== 'acceptance' && check !== 'freeze') return null;
  if (typeof post_state !== 'object' || post_state === null || Array.isArray(post_state))
    return null;
  const { number } = post_state;
  return typeof number === 'number' ? number : null;
}
