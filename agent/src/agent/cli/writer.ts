import { join } from 'node:path';
import { askControl } from '../../effects/control/ask.ts';
import { readSignerInForce } from '../../effects/keys.ts';
import { becomeOwner } from '../../effects/owner.ts';
import { openReader } from '../../effects/store/reader.ts';
import { openStore, type Store } from '../../effects/store/store.ts';
import type { ControlRequest } from '../../wire/control.ts';
import { FailureError } from '../../wire/failure.ts';
import type { Json } from '../../wire/primitives.ts';
import { signingKeyOf } from './keys/trusted.ts';
import { type StateOptions, settingsOf, stateDirOf } from './state.ts';

/**
 * Does what writes to a state folder: the running daemon is asked, as it is the one writer; where none listens, `alone`
 * does it under the daemon’s lock, as the folder’s owner.
 */
export async function write(
  options: StateOptions,
  request: ControlRequest,
  alone: (store: Store) => Json | Promise<Json>,
): Promise<Json> {
  const stateDir = await stateDirOf(options);
  try {
    return await askControl({ path: join(stateDir, 'control.sock'), request });
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== 'unreachable') throw error;
  }
  const store = await openAlone(stateDir, options);
  try {
    return await alone(store);
  } finally {
    store.close();
  }
}

async function openAlone(stateDir: string, options: StateOptions): Promise<Store> {
  const settings = await settingsOf(options);
  const signer = readSignerInForce(await signingKeyOf(options), keyInForce(stateDir));
  becomeOwner(stateDir);
  return openStore({ stateDir, key: () => signer, queueing: settings.mcp_url !== undefined });
}

/** Throws `absent` where nothing was ever recorded: a writing command is no reason to begin a chain. */
function keyInForce(stateDir: string): string | null {
  const reader = openReader({ stateDir });
  try {
    return reader.head()?.key_id ?? null;
  } finally {
    reader.close();
  }
}
