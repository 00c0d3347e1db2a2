import { join } from 'node:path';
import { readPublicKeys, readSigner } from '../../../effects/keys.ts';
import { type StateOptions, settingsOf } from '../state.ts';

/** The keys that a command verifies with: those of `--public-key FILE`, or this host’s own. */
export async function trustedKeys({
  publicKey,
  ...options
}: StateOptions & { readonly publicKey?: string }): Promise<Uint8Array[]> {
  if (publicKey !== undefined) return readPublicKeys(publicKey);
  return [readSigner(await signingKeyOf(options)).publicKey];
}

/** The signing key’s file, as the settings say; by default `signing.key` in the state folder. */
export async function signingKeyOf({ stateDir, config }: StateOptions): Promise<string> {
  const { signing_key_file, state_dir } = await settingsOf({ config });
  return signing_key_file ?? join(stateDir ?? state_dir, 'signing.key');
}
