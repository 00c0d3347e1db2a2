import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';

/**
 * Root’s commands on a state folder become its owner first, so that what they write there can be read and removed by
 * the agent. Read private keys before. Not root, or a folder of root’s: nothing changes. A Node that lets nobody become
 * another user, as its libuv may use io_uring (CVE-2024-22017; Debian 13’s), runs this whole command once more as the
 * owner, who must be able to read what it needs, and ends as that ended.
 */
export function becomeOwner(folder: string): void {
  const { uid, gid } = statSync(folder);
  if (process.geteuid?.() !== 0 || uid === 0) return;
  try {
    process.setgroups?.([gid]);
  } catch (error) {
    if (Reflect.get(error as Error, 'code') !== 'ERR_INVALID_STATE') throw error;
    runAgain({ uid, gid });
  }
  process.setgid?.(gid);
  process.setuid?.(uid);
}

/** libuv gives a child no group but `gid` where it gives it a `uid` (uv_spawn). */
function runAgain(owner: { uid: number; gid: number }): never {
  const command = [...process.execArgv, ...process.argv.slice(1)];
  const { error, status, signal } = spawnSync(process.execPath, command, {
    ...owner,
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  process.exit(status ?? 128 + constants.signals[signal as NodeJS.Signals]);
}
