import { type StateSummary, summarise } from '../core/changes.ts';
import { type Draft, type HostContext, isRecordKind } from '../wire/evidence.ts';
import { type Failure, toFailure } from '../wire/failure.ts';
import type { Json } from '../wire/primitives.ts';
import { CheckState } from '../wire/verdict.ts';

/** The one durable step of the store: once it returns, the bundle survives a power cut. Throws `FailureError`. */
export type Append = (draft: Draft, context: HostContext) => unknown;

/** What was recorded last, so that unchanged drift is not repeated. The evidence itself is the memory. */
export type Memory = {
  readonly states: Map<string, StateSummary>;
  attestedAt: Date | null;
};

/** No more bundles than this wait in memory for a disk that is full. */
const MAX_WAITING = 512;

export type Recorder = {
  readonly memory: Readonly<Memory>;
  /** Takes drafts in order and writes what can be written. What cannot is kept for the next call; never throws. */
  record(drafts: readonly Draft[], context: HostContext): Promise<void>;
  /** Why evidence cannot be written; null while it can. */
  failure(): Failure | null;
  /** Drafts that wait in memory. */
  waiting(): number;
};

/**
 * Writes evidence in order and remembers what it said. While the disk is full or read-only, drafts wait in memory with
 * their own times, up to a limit; beyond it they are not taken, and neither is what they said remembered: the net
 * change is still seen and recorded once there is space.
 */
export function createRecorder({
  append,
  memory,
  written,
}: {
  append: Append;
  memory: Memory;
  /** Told of each bundle once it is durable. */
  written: (draft: Draft) => void;
}): Recorder {
  const waiting: { draft: Draft; context: HostContext }[] = [];
  let failure: Failure | null = null;

  const writeWaiting = async () => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      try {
        await append(next.draft, next.context);
      } catch (error) {
        const reason = toFailure(error, 'store');
        if (reason.code === 'too_large' && next.draft.error?.code !== 'too_large') {
          waiting[0] = { ...next, draft: withoutDetails(next.draft) };
          continue;
        }
        failure = reason;
        return;
      }
      waiting.shift();
      failure = null;
      written(next.draft);
    }
  };

  let turn = Promise.resolve(); // cycle, reload and stop take turns
  return {
    memory,
    record(drafts, context) {
      turn = turn.then(async () => {
        for (const draft of drafts) {
          if (waiting.length >= MAX_WAITING) break;
          waiting.push({ draft, context });
          remember(memory, draft);
        }
        await writeWaiting();
      });
      return turn;
    },
    failure: () => failure,
    waiting: () => waiting.length,
  };
}

/** Takes up what a draft or bundle says. Older ones must not come after newer. */
export function remember(
  memory: Memory,
  { check, post_state, timestamp_start }: Pick<Draft, 'check' | 'post_state' | 'timestamp_start'>,
): void {
  if (check === 'attestation') memory.attestedAt = new Date(timestamp_start);
  if (isRecordKind(check)) return;
  const state = CheckState.safeParse(post_state);
  if (state.success && state.data.check === check) memory.states.set(check, summarise(state.data));
}

/** A state that does not fit into a bundle is still recorded: its verdict, without facts and findings. */
function withoutDetails(draft: Draft): Draft {
  const state = CheckState.safeParse(draft.post_state);
  const post: Json = state.success ? ({ ...state.data, facts: null, findings: [] } as Json) : null;
  return {
    ...draft,
    pre_state: null,
    post_state: post,
    error: { code: 'too_large', params: { where: 'record' } },
  };
}
