import { canonicalBytes, sha256Hex } from '../wire/canonical.ts';
import type { Draft, Outcome } from '../wire/evidence.ts';
import type { Json } from '../wire/primitives.ts';
import type { CheckState } from '../wire/verdict.ts';
import type { Citation } from './check.ts';
import { eventDraft } from './draft.ts';
import { onceEach } from './once-each.ts';

/** When a cycle began and ended. */
export type Span = { readonly start: Date; readonly end: Date };

/** What one bundle records of a control: its state without the facts, which the bundle of that state has. */
export type StateSummary = Omit<CheckState, 'facts'>;

/** The controls that a check serves, by id of the check. */
export type Citations = (check: string) => readonly Citation[];

/**
 * One draft for each check whose verdict or findings are not those of the last bundle about it; unchanged drift is not
 * repeated (DESIGN 3). `previous` is by check id what was recorded last; a check that was never recorded has changed.
 */
export function changedStates({
  previous,
  current,
  citations,
  span,
}: {
  previous: ReadonlyMap<string, StateSummary>;
  current: readonly CheckState[];
  citations: Citations;
  span: Span;
}): Draft[] {
  return current
    .filter((state) => {
      const last = previous.get(state.check);
      return last === undefined || lastFingerprint(last) !== fingerprint(state);
    })
    .map((state) => {
      const last = previous.get(state.check);
      return record({
        check: state.check,
        span,
        controls: hipaaControls(citations(state.check)),
        pre: last === undefined ? null : summarise(last),
        post: state,
        outcome: outcomeOf(state),
        error: state.error,
      });
    });
}

/** What was recorded last stays the same object until something else is. */
const lastFingerprint = onceEach((last: StateSummary) => fingerprint(last));

/** All verdicts at one time, with what is open: the sign that the agent looked and what it saw (DESIGN 3). */
export function attestation({
  current,
  citations,
  span,
}: {
  current: readonly CheckState[];
  citations: Citations;
  span: Span;
}): Draft {
  const verdicts = current.map(
    ({ check, verdict, severity, findings, exceptions, error, as_of }) => ({
      check,
      verdict,
      severity,
      open_findings: findings.filter(({ exception }) => exception === null).length,
      exceptions,
      error,
      ...(as_of !== undefined && { as_of }),
    }),
  );
  const all = current.every(
    ({ verdict }) => verdict === 'compliant' || verdict === 'notApplicable',
  );
  return record({
    check: 'attestation',
    span,
    controls: hipaaControls(current.flatMap(({ check }) => citations(check))),
    pre: null,
    post: { verdicts },
    outcome: all ? 'compliant' : 'alert',
    error: null,
  });
}

/** Start, clean stop and reload of the agent. `post` says which and what an auditor should know of it. */
export function agentEvent({
  event,
  pre = null,
  details,
  at,
}: {
  event: 'start' | 'stop' | 'reload';
  pre?: Json;
  details: { [key: string]: Json };
  at: Date;
}): Draft {
  const controls = ['164.312(b)'];
  return eventDraft({ check: 'agent', at, controls, pre, post: { event, ...details } });
}

/** Drift and what could not be seen ask for a person; what does not apply is only recorded. */
export function outcomeOf({ verdict }: Pick<CheckState, 'verdict'>): Outcome {
  switch (verdict) {
    case 'compliant':
      return 'compliant';
    case 'notApplicable':
      return 'recorded';
    case 'drifted':
    case 'unknown':
      return 'alert';
  }
}

/**
 * What makes two states of a check the same: verdict, error and findings with what is expected and what is there, in any
 * order. Sentences and facts may differ from cycle to cycle without anything having changed.
 */
export function fingerprint({ verdict, findings, exceptions, error }: StateSummary): string {
  const told = findings
    .map(({ message: _, ...finding }) => canonicalBytes(finding as Json).toString())
    .sort();
  return sha256Hex(canonicalBytes({ verdict, findings: told, exceptions, error } as Json));
}

export function summarise({ check, verdict, severity, findings, exceptions, error }: StateSummary) {
  return { check, verdict, severity, findings, exceptions, error } satisfies StateSummary;
}

/** Citations of 45 CFR part 164, each once, at most the 32 that a bundle holds. */
function hipaaControls(citations: readonly Citation[]): string[] {
  const ids = citations.filter(({ framework }) => framework === 'hipaa').map(({ id }) => id);
  return [...new Set(ids)].sort().slice(0, 32);
}

/** A draft about what was seen and not about a remedy. */
function record(seen: {
  check: string;
  span: Span;
  controls: string[];
  pre: unknown;
  post: unknown;
  outcome: Outcome;
  error: Draft['error'];
}): Draft {
  return {
    timestamp_start: seen.span.start.toISOString(),
    timestamp_end: seen.span.end.toISOString(),
    check: seen.check,
    hipaa_controls: seen.controls,
    pre_state: seen.pre as Json,
    post_state: seen.post as Json,
    action_taken: [],
    rollback_available: false,
    rollback_generation: null,
    outcome: seen.outcome,
    error: seen.error,
    order_id: null,
    runbook_id: null,
  };
}
