import { loadConfig } from '../../config.ts';
import { pruneEvidence } from '../../prune.ts';
import { aloneOrDaemon } from '../daemon/ask.ts';
import type { ConfigOption } from '../options.ts';

/** What the night does, now: retention, with a bundle that says what went. */
export async function pruneNow({
  config: file,
  json,
}: ConfigOption & { json?: boolean }): Promise<void> {
  const config = await loadConfig({ file, env: process.env, now: new Date() });
  const done = await aloneOrDaemon({
    config,
    request: { verb: 'evidence prune' },
    alone: pruneEvidence,
  });
  if (json) return console.log(JSON.stringify(done, null, 2));
  const { pruned, more } = done as { pruned: number; more: boolean };
  console.log(`${pruned} bundles pruned${more ? '; more may go: run it again' : ''}`);
}
