import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** invoke-rc.d(8): with it no package starts a daemon when it is installed. */
const POLICY = '/usr/sbin/policy-rc.d';

/** Brings what is missing of Debian’s packages where that can be done; what is missing then is left out by name. */
export function installPeers(packages: readonly string[]): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const missing = packages.filter((name) => packageVersion(name) === null);
  if (missing.length === 0) return;
  process.stderr.write(`Installing ${missing.join(', ')} …\n`);
  const own = !existsSync(POLICY);
  if (own) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt('update');
    for (const name of missing) apt('install', '-y', '--no-install-recommends', name);
  } finally {
    if (own) rmSync(POLICY);
  }
}

function apt(...args: string[]): void {
  try {
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 2, 2], // standard output is the table’s
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: 300_000,
    });
  } catch (error) {
    console.error(`apt-get ${args.join(' ')}: ${error instanceof Error ? error.message : error}`);
  }
}

/** The version of an installed package; null where it is not, or where there is no Debian. */
export function packageVersion(name: string): string | null {
  try {
    const told = execFileSync('dpkg', ['--status', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const installed = /^Status: install ok installed$/m.test(told);
    return installed ? (/^Version: (.+)$/m.exec(told)?.[1] ?? null) : null;
  } catch {
    return null;
  }
}
