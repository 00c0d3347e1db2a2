import { NoParams, StatusAsked } from '../../wire/control.ts';
import { FailureError } from '../../wire/failure.ts';
import type { Json } from '../../wire/primitives.ts';
import type { Agent } from '../agent.ts';
import { pruneEvidence } from '../prune.ts';
import { rotateKey } from '../rotate.ts';
import type { Status } from '../status.ts';
import { defineVerb, type Verbs } from './verbs.ts';

/** What the daemon can be asked over its control socket. A verb of another part is one more line. */
export function daemonVerbs({
  agent,
  status,
  reload,
  wakeUploader,
}: {
  agent: Agent;
  status: () => Status;
  reload: () => Promise<void>;
  wakeUploader: () => void;
}): Verbs {
  return {
    status: defineVerb({ params: NoParams, run: () => status() as Json }),
    'status text': defineVerb({
      params: StatusAsked,
      run: async ({ settings, json, colour }) => {
        if (settings !== agent.config().text) {
          const message = 'the settings are not those that this daemon read';
          throw new FailureError('unsupported', { where: 'control' }, { message });
        }
        if (json) return JSON.stringify(status(), null, 2);
        const { statusText } = await import('../status-text.ts'); // a daemon that nobody asks needs none
        return statusText(status(), { now: new Date(), inColour: colour });
      },
    }),
    cycle: defineVerb({ params: NoParams, run: () => cycleAnswer(agent) }),
    reload: defineVerb({
      params: NoParams,
      run: async () => {
        await reload();
        return null;
      },
    }),
    'queue retry': defineVerb({
      params: NoParams,
      run: () => {
        const entries = agent.store.queue.retryNow();
        wakeUploader();
        return { entries };
      },
    }),
    'evidence prune': defineVerb({ params: NoParams, run: () => pruneEvidence(agent) }),
    'keys rotate': defineVerb({ params: NoParams, run: () => rotateKey(agent) }),
  };
}

/** A cycle as `once` prints it: what was seen, and why it could not be recorded if so. */
export async function cycleAnswer(agent: Agent): Promise<Json> {
  const { states } = await agent.cycle();
  return { states, failure: agent.recorder.failure() } as unknown as Json;
}
