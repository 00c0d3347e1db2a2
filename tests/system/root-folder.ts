import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const SUITE = 'trixie';
/** What a host of these scenarios has; clamd loads a signature file of the test’s own. */
const PACKAGES = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'nftables',
  'iptables',
  'restic',
  'nix-bin',
  'nodejs',
  'openssl',
  'cryptsetup-bin',
  'iproute2',
  'clamav-daemon',
  'clamdscan',
  'procps',
  'util-linux',
  'python3-minimal',
];

/**
 * A Debian root folder, made once for each list of packages and kept below the user’s cache. Nothing runs in it: every
 * machine lays its own changes over it.
 */
export async function debianRoot(say: (line: string) => void): Promise<string> {
  const id = createHash('sha256')
    .update([SUITE, ...PACKAGES].join())
    .digest('hex')
    .slice(0, 16);
  const cache = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'compliance-agent',
  );
  const folder = join(cache, `${SUITE}-${id}`);
  if (existsSync(folder)) return folder;
  say(`making a Debian ${SUITE} root folder with mmdebstrap; it is kept in ${cache}`);
  mkdirSync(cache, { recursive: true });
  const fresh = `${folder}.${process.pid}`;
  const args = [
    '--variant=minbase',
    `--include=${PACKAGES.join(',')}`,
    '--format=directory',
    SUITE,
    fresh,
  ];
  const { exitCode, stderr } = await execa('mmdebstrap', args, { reject: false });
  if (exitCode !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`mmdebstrap ended with ${exitCode}: ${stderr.slice(-2000)}`);
  }
  renameSync(fresh, folder);
  return folder;
}
