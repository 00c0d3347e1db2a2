import type { Host } from '../../core/host.ts';
import { FailureError } from '../../wire/failure.ts';
import { StorePath } from '../../wire/primitives.ts';

const PROFILES = '/nix/var/nix/profiles';
export const PROFILE = `${PROFILES}/system`;
const RUNNING = '/run/current-system';

/** Which system runs, which the profile names, and by which numbered generation (nix-env(1), `--switch-generation`). */
export type Systems = {
  readonly running: string | null;
  readonly profile: string | null;
  readonly generation: number | null;
};

export async function readSystems(host: Host): Promise<Systems> {
  const [running, first] = [await linkOrNull(host, RUNNING), await linkOrNull(host, PROFILE)];
  const numbered = /^(?:.*\/)?(system-(\d+)-link)$/.exec(first ?? '');
  const profile = numbered === null ? first : await linkOrNull(host, `${PROFILES}/${numbered[1]}`);
  return {
    running: storePath(running),
    profile: storePath(profile),
    generation: numbered === null ? null : Number(numbered[2]),
  };
}

/** Whether the host runs a system and will boot it, too. */
export function isWhole({ running, profile }: Systems, system: string): boolean {
  return running === system && profile === system;
}

async function linkOrNull(host: Host, path: string): Promise<string | null> {
  try {
    return await host.link(path);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'absent') return null;
    throw error;
  }
}

/** A link that leads elsewhere than into the store is a system that nobody could name: as good as none. */
function storePath(target: string | null): string | null {
  const parsed = StorePath.safeParse(target);
  return parsed.success ? parsed.data : null;
}
