import type { StateOptions } from '../state.ts';
import { write } from '../writer.ts';

export async function retryQueue(options: StateOptions & { json?: boolean }): Promise<void> {
  const done = await write(options, { verb: 'queue retry' }, (store) => ({
    entries: store.queue.retryNow(),
  }));
  if (options.json) return console.log(JSON.stringify(done, null, 2));
  const { entries } = done as { entries: number };
  console.log(`${entries} ${entries === 1 ? 'bundle is' : 'bundles are'} due now`);
}
