import { loadConfig } from '../../config.ts';
import { rotateKey } from '../../rotate.ts';
import { aloneOrDaemon } from '../daemon/ask.ts';
import type { ConfigOption } from '../options.ts';

/** A new signing key, which the old one names in a bundle. The server must be told of it: `keys show --enrol`. */
export async function rotate({
  config: file,
  json,
}: ConfigOption & { json?: boolean }): Promise<void> {
  const config = await loadConfig({ file, env: process.env, now: new Date() });
  const done = await aloneOrDaemon({
    config,
    request: { verb: 'keys rotate' },
    alone: rotateKey,
  });
  if (json) return console.log(JSON.stringify(done, null, 2));
  console.log(`key_id ${(done as { key_id: string }).key_id}`);
}
