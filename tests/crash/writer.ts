// A child of main.ts: appends and uploads until it is killed, and reports each bundle once `append` has returned.
// With "finish" it only uploads what is left, and ends.
import { writeSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { createPlatformVerifier } from '../../agent/src/core/ed25519.ts';
import { readMoment } from '../../agent/src/effects/moment.ts';
import type { Store } from '../../agent/src/effects/store/store.ts';
import { createClient } from '../../agent/src/effects/upload/client.ts';
import { drainQueue } from '../../agent/src/effects/upload/drain.ts';
import { CONTEXT, draftOf } from '../support/evidence.ts';
import { storeIn } from '../support/stores.ts';

const [stateDir = '', connection = '{}', what = 'write'] = process.argv.slice(2);
const { receiptKey, ...options } = JSON.parse(connection);
const receiptKeys = [createPlatformVerifier(Buffer.from(receiptKey, 'base64'))];
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

const store = storeIn(stateDir, { bootId: 'crash-test' });
say({ ready: store.reconciliation });
const client = await createClient(options);
if (what === 'finish') await finish(store);
else await Promise.all([upload(store), write(store)]);

async function write({ append }: Store): Promise<never> {
  for (;;) {
    const { sha256, sequence } = append(draftOf({ at: new Date().toISOString() }), CONTEXT);
    say({ sha256, sequence });
    await breathe();
  }
}

async function upload({ queue }: Store): Promise<never> {
  for (;;) {
    await drain(queue);
    await breathe();
  }
}

async function finish({ queue, close }: Store): Promise<void> {
  queue.retryNow();
  while (queue.metrics(new Date()).pending > 0) {
    const { outage, failed } = await drain(queue);
    if (outage !== null || failed > 0) throw new Error(`upload failed: ${JSON.stringify(outage)}`);
  }
  await client.close();
  close();
}

function drain(queue: Store['queue']) {
  return drainQueue({ queue, client, receiptKeys, moment: readMoment, jitter: () => 0, limit: 20 });
}
