import { existsSync } from 'node:fs';
import type { Signer } from '../core/ed25519.ts';
import { generateKey, nextKeyFile, readSigner } from '../effects/keys.ts';
import { beginAfterLostKey } from '../effects/store/lost-key.ts';
import { InputError } from '../wire/input.ts';
import type { Config } from './config.ts';
import { readContext } from './context.ts';
import { hostsBelow } from './hosts.ts';
import { channelsOf } from './integrations/channels.ts';

/**
 * A way on for a host whose signing key is gone. A key that already lies in its place is taken, else one is made; the
 * chain’s own key there, or one that a rotation left beside it, shows that nothing was lost and is refused.
 */
export async function replaceLostKey(
  config: Config,
  { root, now }: { root: string; now: Date },
): Promise<{ key_id: string; chain_id: string }> {
  const { settings } = config;
  const { state_dir: stateDir, signing_key_file: file, runtime_dir: runtimeDir } = settings;
  const context = await readContext({ config, now, host: hostsBelow({ root, runtimeDir }) });
  const begun = { key_id: '' };
  const { chain_id } = beginAfterLostKey({
    stateDir,
    queueing: settings.mcp_url !== undefined,
    channels: channelsOf(settings),
    context,
    at: now,
    key: (lost) => {
      const signer = successorOf(lost, file);
      begun.key_id = signer.keyId;
      return signer;
    },
  });
  return { ...begun, chain_id };
}

function successorOf(lost: string, file: string): Signer {
  for (const path of [file, nextKeyFile(file)].filter(existsSync)) {
    const signer = readSigner(path);
    if (signer.keyId === lost) {
      const expected = 'expected another or none: this key is not lost (keys rotate hands over)';
      throw new InputError(path, [{ field: 'key', found: `key ${lost}`, expected }]);
    }
  }
  return existsSync(file) ? readSigner(file) : generateKey(file);
}
