import { statSync } from 'node:fs';

/**
 * Root’s commands on a state folder become its owner first, so that what they write there can be read and removed by
 * the agent. Read private keys before. Not root, or a folder of root’s: nothing changes.
 */
export function becomeOwner(folder: string): void {
  const { uid, gid } = statSync(folder);
  if (process.geteuid?.() !== 0 || uid === 0) return;
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}
