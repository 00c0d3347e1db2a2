import * as z from 'zod';
import type { Json } from '../../wire/primitives.ts';
import type { Agent } from '../agent.ts';
import { pruneEvidence } from '../prune.ts';
import { rotateKey } from '../rotate.ts';
import type { Status } from '../status.ts';
import { defineVerb, type Verbs } from './verbs.ts';

const Nothing = z.strictObject({});

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
    status: defineVerb({ params: Nothing, run: () => status() as Json }),
    cycle: defineVerb({ params: Nothing, run: () => cycleAnswer(agent) }),
    reload: defineVerb({
      params: Nothing,
      run: async () => {
        await reload();
        return null;
      },
    }),
    'queue retry': defineVerb({
      params: Nothing,
      run: () => {
        const entries = agent.store.queue.retryNow();
        wakeUploader();
        return { entries };
      },
    }),
    'evidence prune': defineVerb({ params: Nothing, run: () => pruneEvidence(agent) }),
    'keys rotate': defineVerb({ params: Nothing, run: () => rotateKey(agent) }),
  };
}

/** A cycle as `once` prints it: what was seen, and why it could not be recorded if so. */
export async function cycleAnswer(agent: Agent): Promise<Json> {
  const { states } = await agent.cycle();
  return { states, failure: agent.recorder.failure() } as unknown as Json;
}
