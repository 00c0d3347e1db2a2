import { join } from 'node:path';
import { Identifier } from '../wire/primitives.ts';
import type { Settings } from '../wire/settings.ts';

/** Settings with what follows from the host and from other settings filled in. */
export type Effective = Settings & { readonly host_id: string; readonly signing_key_file: string };

/** Fills in host id and key path. A host name that cannot be a host id is made into one, with a warning. */
export function completeSettings(
  settings: Settings,
  hostName: string,
): { settings: Effective; warnings: string[] } {
  const warnings: string[] = [];
  const fitting = hostName.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  const hostId = settings.host_id ?? (fitting.slice(0, 63) || 'host');
  if (settings.host_id === undefined && hostName === 'nixos')
    warnings.push('host_id: the host name is nixos, as on every new installation; set host_id');
  if (settings.host_id === undefined && !Identifier.safeParse(hostName).success)
    warnings.push(`host_id: the host name is no identifier; using ${hostId}; set host_id`);
  return {
    settings: {
      ...settings,
      host_id: hostId,
      signing_key_file: settings.signing_key_file ?? join(settings.state_dir, 'signing.key'),
    },
    warnings,
  };
}
