import { existsSync } from 'node:fs';
import { becomeOwner } from '../../../effects/owner.ts';
import type { Config } from '../../config.ts';
import { replaceLostKey } from '../../lost-key.ts';
import { rotateKey } from '../../rotate.ts';
import { verb, type WriteOptions, writeAndPrint } from '../daemon/write.ts';

/** A new signing key, which the old one names in a bundle; with `--lost` one that begins a new chain. */
export const rotate = ({ lost, ...options }: WriteOptions & { readonly lost?: boolean }) =>
  writeAndPrint<{ key_id: string }>(options, {
    work: lost ? startAnew : verb('keys rotate', rotateKey),
    words: (done) =>
      Object.entries(done)
        .map(([name, value]) => `${name} ${value}`)
        .join('\n'),
  });

/** Without its key no agent runs, so there is none to ask. */
async function startAnew(config: Config): Promise<{ key_id: string; chain_id: string }> {
  const { state_dir: stateDir } = config.settings;
  if (existsSync(stateDir)) becomeOwner(stateDir);
  return replaceLostKey(config, { root: '/', now: new Date() });
}
