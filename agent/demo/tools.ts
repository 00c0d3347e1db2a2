import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a control needs to be real, and the Debian package that brings it. */
const PACKAGES: Record<string, string> = {
  nft: 'nftables',
  ip: 'iproute2',
  cryptsetup: 'cryptsetup-bin',
  restic: 'restic',
  journalctl: 'systemd',
  unshare: 'util-linux',
};

const NEEDS: Record<string, { tools: readonly string[]; root: boolean }> = {
  patching: { tools: [], root: false },
  antivirus: { tools: [], root: false },
  backup: { tools: ['restic'], root: false },
  logging: { tools: ['unshare', 'ip', 'journalctl'], root: true },
  firewall: { tools: ['unshare', 'ip', 'nft'], root: true },
  encryption: { tools: ['cryptsetup'], root: false },
};

export const CONTROL_IDS = Object.keys(NEEDS);

/** Debian keeps administrators’ programs where an ordinary PATH does not look. */
export function widenPath(): void {
  process.env.PATH = `${process.env.PATH ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`;
}

/** What a control lacks on this machine, in words; empty where nothing. */
export function lacks(control: string): string[] {
  const { tools, root } = NEEDS[control] ?? { tools: [], root: false };
  return [
    ...tools.filter((tool) => !onPath(tool)),
    ...(root && process.getuid?.() !== 0 ? ['root'] : []),
  ];
}

/** Brings what is missing from Debian’s packages. Needs root. */
export function installTools(): void {
  const packages = Object.entries(PACKAGES).flatMap(([tool, name]) => (onPath(tool) ? [] : [name]));
  if (packages.length === 0) return;
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 2, 2], // standard output is the table’s
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  process.stderr.write(`Installing ${packages.join(', ')} …\n`);
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...packages);
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
