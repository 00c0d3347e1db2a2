import type { Host } from '../core/host.ts';
import { parseNixosVersion } from '../core/nixos-version.ts';
import { isUnseen, orUnseen } from '../core/unseen.ts';
import { sha256Hex } from '../wire/canonical.ts';
import type { HostContext } from '../wire/evidence.ts';
import { StorePath } from '../wire/primitives.ts';

/**
 * What every bundle says of the running system. Null where the host is no NixOS or its version names no revision; a
 * running system from outside the store has no digest, since no path of it may enter evidence.
 */
export async function readSystem(
  host: Host,
): Promise<Pick<HostContext, 'nixos_revision' | 'derivation_digest' | 'boot_id'>> {
  const [version, running, bootId] = await Promise.all([
    orUnseen(host.read('/run/current-system/nixos-version', { limit: 1024 })),
    orUnseen(host.link('/run/current-system')),
    orUnseen(host.read('/proc/sys/kernel/random/boot_id', { limit: 64 })),
  ]);
  const path = StorePath.safeParse(running);
  return {
    nixos_revision: isUnseen(version) ? null : parseNixosVersion(version).revision,
    derivation_digest: path.success ? sha256Hex(path.data) : null,
    boot_id: isUnseen(bootId) ? 'unknown' : bootId.trim(),
  };
}
