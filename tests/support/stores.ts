import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Signer } from '../../agent/src/core/ed25519.ts';
import { openStore, type Store } from '../../agent/src/effects/store/store.ts';
import { signerOf } from './evidence.ts';

/** Runs a body with a fresh state folder, which is removed afterwards. */
export async function withStateDir(
  body: (stateDir: string) => void | Promise<void>,
): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), 'state-'));
  try {
    await body(stateDir);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** A store of a fixed key and boot, queueing unless said otherwise. */
export function storeIn(
  stateDir: string,
  {
    signer = signerOf(7),
    queueing = true,
    bootId = 'boot-1',
  }: { signer?: Signer; queueing?: boolean; bootId?: string } = {},
): Store {
  return openStore({ stateDir, key: () => signer, queueing, bootId });
}
