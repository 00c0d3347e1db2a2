import { verb, type WriteOptions, writeAndPrint } from '../daemon/write.ts';

export const retryQueue = (options: WriteOptions): Promise<void> =>
  writeAndPrint<{ entries: number }>(options, {
    work: verb('queue retry', async ({ store }) => ({ entries: store.queue.retryNow() })),
    words: ({ entries }) => `${entries} ${entries === 1 ? 'bundle is' : 'bundles are'} due now`,
  });
