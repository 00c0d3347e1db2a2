import { loadConfig } from '../../config.ts';
import { aloneOrDaemon } from '../daemon/ask.ts';
import type { ConfigOption } from '../options.ts';

export async function retryQueue({
  config: file,
  json,
}: ConfigOption & { json?: boolean }): Promise<void> {
  const config = await loadConfig({ file, env: process.env, now: new Date() });
  const done = await aloneOrDaemon({
    config,
    request: { verb: 'queue retry' },
    alone: async ({ store }) => ({ entries: store.queue.retryNow() }),
  });
  if (json) return console.log(JSON.stringify(done, null, 2));
  const { entries } = done as { entries: number };
  console.log(`${entries} ${entries === 1 ? 'bundle is' : 'bundles are'} due now`);
}
