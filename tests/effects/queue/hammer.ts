// A process of queue.test.ts: node hammer.js FOLDER TIMES. Opens the store whenever the other process lets it, appends
// one bundle, fails one upload and finishes another, and prints the digests that it appended.
import { FailureError } from '../../../agent/src/wire/failure.ts';
import { CONTEXT, draftOf } from '../../support/evidence.ts';
import { storeIn } from '../../support/stores.ts';

const [folder = '', times = '0'] = process.argv.slice(2);
const at = { now: new Date('2026-11-22T09:30:00.000Z'), sinceBootMs: 0 };
const appended: string[] = [];
while (appended.length < Number(times)) {
  try {
    const store = storeIn(folder);
    appended.push(store.append(draftOf(), CONTEXT).sha256);
    const [first, second] = store.queue.due({ at, limit: 2 });
    if (first) store.queue.markUploaded([{ sha256: first.sha256, receipt: receipt() }]);
    if (second) {
      const failure = { code: 'unreachable', params: {} } as const;
      store.queue.markFailed(second.sha256, { at, failure, jitter: 0 });
    }
    store.close();
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== 'busy') throw error;
  }
}
console.log(JSON.stringify(appended));

function receipt() {
  return { bytes: Buffer.from('{}'), signature: new Uint8Array(64) };
}
