import * as z from 'zod';
import type { Action, Bundle } from '../../wire/evidence.ts';
import { describeFailure, type Failure } from '../../wire/failure.ts';
import { type PrunedRange, Retention } from '../../wire/lineage.ts';
import type { Severity, Verdict } from '../../wire/verdict.ts';
import { AttestedState, ControlState } from './states.ts';

/** What a bundle says of one control at its time. `found` are the sentences of the findings that count. */
export type Statement = {
  readonly check: string;
  readonly verdict: Verdict;
  readonly severity: Severity | null;
  readonly exceptions: readonly string[];
  readonly found: readonly string[];
};

/** What was done about one control. */
export type Attempt = {
  readonly check: string;
  readonly runbook_id: string;
  readonly outcome: string;
  readonly order_id: string | null;
  readonly steps: readonly Action[];
  readonly error: Failure | null;
  /** How the control was when it began, where the bundle says so: drift healed in one cycle has no bundle of its own. */
  readonly before: Statement | null;
};

/** A verified bundle reduced to what a report tells. Times are milliseconds since the epoch. */
export type Entry = Pick<
  Bundle,
  'bundle_id' | 'host_id' | 'site_id' | 'chain_id' | 'sequence' | 'key_id' | 'check' | 'outcome'
> & {
  readonly sha256: string;
  readonly began: number;
  readonly ended: number;
  readonly statements: readonly Statement[];
  readonly attempt: Attempt | null;
  readonly event: string | null;
  readonly offset_ms: number | null;
  readonly pruned: readonly PrunedRange[];
  /** When a server says that it had it; null without a receipt that fits. */
  readonly received_at: string | null;
};

const AgentEvent = z.object({ event: z.string().max(32) });
/** A state with ever so many findings is told in so many sentences. */
const MOST_SENTENCES = 12;

/** A bundle as its entry. `received_at` comes from its receipt. */
export function entryOf(
  bundle: Bundle,
  { sha256, received_at }: { sha256: string; received_at: string | null },
): Entry {
  const { bundle_id, host_id, site_id, chain_id, sequence, key_id, check, outcome } = bundle;
  const retention = check === 'retention' ? Retention.safeParse(bundle).data : undefined;
  const event = check === 'agent' ? AgentEvent.safeParse(bundle.post_state).data : undefined;
  return {
    ...{ bundle_id, host_id, site_id, chain_id, sequence, key_id, check, outcome, sha256 },
    began: Date.parse(bundle.timestamp_start),
    ended: Date.parse(bundle.timestamp_end),
    statements: statementsOf(bundle),
    attempt: attemptOf(bundle),
    event: event?.event ?? null,
    offset_ms: bundle.ntp_offset_ms,
    pruned: retention?.post_state.pruned ?? [],
    received_at,
  };
}

function statementsOf({ check, post_state }: Bundle): Statement[] {
  if (check === 'attestation') {
    const { verdicts = [] } = AttestedState.safeParse(post_state).data ?? {};
    return verdicts.map((verdict) => ({ ...verdict, found: [] }));
  }
  const said = statementOf(check, post_state);
  return said === null ? [] : [said];
}

/** A state with or without its facts, as a statement about its check; null of anything else. */
function statementOf(check: string, value: unknown): Statement | null {
  const state = ControlState.safeParse(value).data;
  if (state === undefined || state.check !== check) return null;
  const { verdict, severity, exceptions, findings, error } = state;
  const found = findings
    .filter(({ exception }) => exception === null)
    .map(({ message }) => message);
  const said = error === null ? found : [`Could not look: ${describeFailure(error)}.`];
  return { check, verdict, severity, exceptions, found: said.slice(0, MOST_SENTENCES) };
}

function attemptOf(bundle: Bundle): Attempt | null {
  const { check, runbook_id, outcome, order_id, action_taken, error, pre_state } = bundle;
  if (runbook_id === null) return null;
  const before = statementOf(check, pre_state);
  return { check, runbook_id, outcome, order_id, steps: action_taken, error, before };
}
