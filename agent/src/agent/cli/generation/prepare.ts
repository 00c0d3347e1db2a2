import { mayAcceptByBoot } from '../../../core/acceptance.ts';
import { readBootId } from '../../../effects/moment.ts';
import { readResults } from '../../../effects/root/results.ts';
import {
  acceptGeneration,
  changeRootState,
  readAcceptedGeneration,
} from '../../../effects/root/state.ts';
import { StorePath } from '../../../wire/primitives.ts';
import type { RootState } from '../../../wire/root-state.ts';
import { loadConfig } from '../../config.ts';
import type { ConfigOption } from '../options.ts';
import { requireRoot } from '../require-root.ts';
import { readLink } from './links.ts';

/**
 * Makes the root-owned state before any order can be meant for it. The first start accepts the system that runs; a boot
 * accepts what was booted, where profile and running system agree: only an installed boot entry can bring that about. Not
 * what a switch was to leave that a power cut or its failure ended (`mayAcceptByBoot`).
 */
export async function prepare({ config: file }: ConfigOption): Promise<void> {
  requireRoot('generation prepare');
  process.umask(0o022);
  const now = new Date();
  const { settings } = await loadConfig({ file, env: process.env, now });
  const folder = settings.root_state_dir;
  const bootId = readBootId();
  const before = changeRootState<RootState>(folder, now, (state) => [
    { ...state, boot_id: bootId },
    state,
  ]);
  const isNewBoot = before.boot_id !== null && before.boot_id !== bootId;
  const running = StorePath.safeParse(readLink('/run/current-system'));
  if (!running.success) return; // no NixOS
  const accepted = readAcceptedGeneration(folder);
  const generation = running.data;
  if (accepted === null)
    acceptGeneration(folder, { generation, by: 'first_start', orderId: null, now });
  else if (
    isNewBoot &&
    accepted !== generation &&
    isBooted(generation) &&
    mayAcceptByBoot(before, readResults(folder))
  )
    acceptGeneration(folder, { generation, by: 'boot', orderId: null, now });
}

const isBooted = (system: string): boolean =>
  readLink('/run/booted-system') === system && readLink('/nix/var/nix/profiles/system') === system;
