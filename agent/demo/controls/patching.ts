import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Control } from '../control.ts';
import { STAND_INS } from '../programs.ts';
import { plant } from '../tree.ts';

const GENERATIONS = [
  '/nix/store/1b9qr3k7sq0dxrlcr6iz3vfs6zblzd2p-nixos-system-clinic-26.05.20261101.0c5b2f1',
  '/nix/store/7v1gmi2hyrzzvs8b4p0r4kfxk4xsa0l2-nixos-system-clinic-26.05.20261115.7c8764b',
] as const;
const [OLD, ACCEPTED] = GENERATIONS;

/** Generations, profile links and the links of the booted and running system, as NixOS lays them out. */
export function patchingControl({ root, now }: { root: string; now: Date }): Control {
  for (const [index, path] of GENERATIONS.entries()) {
    plant(root, {
      [`${path}/nixos-version`]: path.replace(/^.*clinic-/, ''),
      [`${path}/kernel`]: {
        to: '/nix/store/9d1fh3s2v0wz9b4nm8y7k6j5x4c3q2pl-linux-6.18.8/bzImage',
      },
      [`${path}/kernel-modules`]: {
        to: '/nix/store/5p0qzr1b2n3m4l5k6j7h8g9f0d1s2a3w-linux-6.18.8-modules',
      },
      [`${path}/initrd`]: {
        to: '/nix/store/3c9v8b7n6m5l4k3j2h1g0f9d8s7a6q5z-initrd-linux-6.18.8/initrd',
      },
      [`/nix/var/nix/profiles/system-${index + 1}-link`]: { to: path },
    });
    const activate = join(root, path, 'bin/switch-to-configuration');
    mkdirSync(join(activate, '..'), { recursive: true });
    copyFileSync(join(STAND_INS, 'switch-to-configuration'), activate);
    chmodSync(activate, 0o755);
  }
  const running = (path: string) => plant(root, { '/run/current-system': { to: path } });
  plant(root, {
    '/nix/var/nix/profiles/system': { to: 'system-2-link' },
    '/run/booted-system': { to: ACCEPTED },
    '/var/lib/compliance-agent-root/accepted-generation': `${ACCEPTED}\n`,
  });
  running(ACCEPTED);

  return {
    id: 'patching',
    section: { nixpkgs_date: new Date(now.getTime() - 7 * 86_400_000).toISOString().slice(0, 10) },
    real: 'generations, profile links, running and booted system',
    simulated: 'nix-env, what a switch restarts, the clock’s offset',
    violations: [
      {
        title: 'an older generation runs',
        finding: 'running_not_accepted',
        heals: false,
        violate: () => running(OLD),
        restore: () => {},
      },
    ],
  };
}
