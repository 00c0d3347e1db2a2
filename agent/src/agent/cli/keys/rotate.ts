import { existsSync } from 'node:fs';
import { becomeOwner } from '../../../effects/owner.ts';
import { type Config, loadConfig } from '../../config.ts';
import { replaceLostKey } from '../../lost-key.ts';
import { rotateKey } from '../../rotate.ts';
import { aloneOrDaemon } from '../daemon/ask.ts';
import type { ConfigOption } from '../options.ts';

type RotateOptions = ConfigOption & { readonly lost?: boolean; readonly json?: boolean };

/** A new signing key, which the old one names in a bundle; with `--lost` one that begins a new chain. */
export async function rotate({ config: file, lost, json }: RotateOptions): Promise<void> {
  const config = await loadConfig({ file, env: process.env, now: new Date() });
  const done = lost ? await startAnew(config) : await handOver(config);
  if (json) return console.log(JSON.stringify(done, null, 2));
  for (const [name, value] of Object.entries(done)) console.log(`${name} ${value}`);
}

async function handOver(config: Config): Promise<{ key_id: string }> {
  const request = { verb: 'keys rotate' };
  return (await aloneOrDaemon({ config, request, alone: rotateKey })) as { key_id: string };
}

/** Without its key no agent runs, so there is none to ask. */
async function startAnew(config: Config): Promise<{ key_id: string; chain_id: string }> {
  const { state_dir: stateDir } = config.settings;
  if (existsSync(stateDir)) becomeOwner(stateDir);
  return replaceLostKey(config, { root: '/', now: new Date() });
}
