import { readBootId } from '../../../effects/moment.ts';
import {
  acceptGeneration,
  changeRootState,
  readAcceptedGeneration,
} from '../../../effects/root/state.ts';
import { StorePath } from '../../../wire/primitives.ts';
import { loadConfig } from '../../config.ts';
import type { ConfigOption } from '../options.ts';
import { requireRoot } from '../require-root.ts';
import { readLink } from './links.ts';

/**
 * Makes the root-owned state before any order can be meant for it. The first start accepts the system that runs; a boot
 * accepts what was booted, where profile and running system agree: only an installed boot entry can bring that about.
 */
export async function prepare({ config: file }: ConfigOption): Promise<void> {
  requireRoot('generation prepare');
  process.umask(0o022);
  const now = new Date();
  const { settings } = await loadConfig({ file, env: process.env, now });
  const folder = settings.root_state_dir;
  const bootId = readBootId();
  const seen = changeRootState<string | null>(folder, now, (state) => [
    { ...state, boot_id: bootId },
    state.boot_id,
  ]);
  const running = StorePath.safeParse(readLink('/run/current-system'));
  if (!running.success) return; // no NixOS
  const accepted = readAcceptedGeneration(folder);
  const generation = running.data;
  if (accepted === null)
    acceptGeneration(folder, { generation, by: 'first_start', orderId: null, now });
  else if (seen !== null && seen !== bootId && accepted !== generation && isBooted(generation))
    acceptGeneration(folder, { generation, by: 'boot', orderId: null, now });
}

const isBooted = (system: string): boolean =>
  readLink('/run/booted-system') === system && readLink('/nix/var/nix/profiles/system') === system;
