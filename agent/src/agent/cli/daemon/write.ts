import type { Json } from '../../../wire/primitives.ts';
import type { Agent } from '../../agent.ts';
import { type Config, loadConfig } from '../../config.ts';
import type { ConfigOption } from '../options.ts';
import { aloneOrDaemon } from './ask.ts';

/** A command that writes evidence or queue; `--json` prints its answer as it is. */
export type WriteOptions = ConfigOption & { readonly json?: boolean };

/** Loads the configuration, does the work, and prints what was done: as JSON, or in the words of the command. */
export async function writeAndPrint<T extends object>(
  { config: file, json }: WriteOptions,
  { work, words }: { work: (config: Config) => Promise<T>; words: (done: T) => string },
): Promise<void> {
  const done = await work(await loadConfig({ file, env: process.env, now: new Date() }));
  console.log(json ? JSON.stringify(done, null, 2) : words(done));
}

/** As `work` of `writeAndPrint`: a verb of the one writer, which the daemon does where it runs. */
export function verb<T extends Json>(
  name: string,
  alone: (agent: Agent) => Promise<T>,
): (config: Config) => Promise<T> {
  return async (config) => (await aloneOrDaemon({ config, request: { verb: name }, alone })) as T;
}
