import { attestation, type Citations, changedStates } from '../core/changes.ts';
import type { Check } from '../core/check.ts';
import { attestationDue } from '../core/schedule.ts';
import type { Draft, HostContext } from '../wire/evidence.ts';
import type { CheckState } from '../wire/verdict.ts';
import type { Healer } from './healing.ts';
import { enabledChecks, type Look, lookAt, lookAtAll } from './look.ts';
import type { Recorder } from './recorder.ts';

export type CycleParts = {
  readonly checks: readonly Check[];
  readonly readContext: (look: Look) => Promise<HostContext>;
  readonly heal: Healer;
  readonly recorder: Recorder;
};

export type CycleResult = {
  readonly states: readonly CheckState[];
  readonly context: HostContext;
  /** Controls that had not drifted when they were last recorded and have now, healed or not. */
  readonly newlyDrifted: readonly string[];
  readonly attempted: number;
  readonly successful: number;
};

/**
 * The way through (DESIGN 3), and the only place that knows its order: probe, judge, plan, remedy, probe and judge again,
 * record. `look.now` is the one clock reading; `elapsedMs` says how long the cycle has run so far.
 */
export async function runCycle(
  { checks, readContext, heal, recorder }: CycleParts,
  look: Look,
  elapsedMs: () => number,
): Promise<CycleResult> {
  const { settings } = look.config;
  const running = enabledChecks(checks, look.config);
  const citations: Citations = (id) => running.find((check) => check.id === id)?.citations ?? [];
  const [context, seen] = await Promise.all([readContext(look), lookAtAll(running, look)]);

  const newlyDrifted = seen
    .filter(({ verdict }) => verdict === 'drifted')
    .map(({ check }) => check)
    .filter((id) => recorder.memory.states.get(id)?.verdict !== 'drifted');

  await recorder.record([], context); // what waited for a full disk goes first, and shows whether evidence can be written
  const { states, drafts, decisions, attempted, successful } = await heal({
    states: seen,
    now: look.now,
    context,
    mayStart: recorder.failure() === null,
    lookAgain: (id) => {
      const check = running.find((one) => one.id === id);
      if (check === undefined) throw new Error(`no check ${id} runs`);
      return lookAt(check, look);
    },
  });
  await recorder.record(drafts, context);

  const span = { start: look.now, end: new Date(look.now.getTime() + elapsedMs()) };
  const changes = changedStates({
    previous: recorder.memory.states,
    current: states,
    citations,
    span,
  }).map((draft): Draft => ({ ...draft, ...decisions.get(draft.check) }));
  const due = attestationDue({
    last: recorder.memory.attestedAt,
    now: look.now,
    pollInterval: settings.poll_interval,
    attestationInterval: settings.attestation_interval,
  });
  const attested = due ? [attestation({ current: states, citations, span })] : [];
  await recorder.record([...changes, ...attested], context);
  return { states, context, newlyDrifted, attempted, successful };
}
