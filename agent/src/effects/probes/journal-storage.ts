import { statfs } from 'node:fs/promises';
import type { Host } from '../../core/host.ts';
import type { JournalStorage } from '../../core/logging/facts.ts';
import { isUnseen, orAbsent } from '../../core/unseen.ts';
import { FailureError } from '../../wire/failure.ts';
import { failureAt } from '../host/failure.ts';
import { resolveInRoot } from '../host/resolve.ts';

/**
 * Where journald writes now. While it has a file below /run it has not been flushed to /var, whatever else lies there
 * (systemd-journald.service(8)).
 */
export async function journalStorage({
  host,
  root,
}: {
  host: Pick<Host, 'read' | 'stat'>;
  root: string;
}): Promise<JournalStorage> {
  const machine = (await host.read('/etc/machine-id', { limit: 64 })).trim();
  if (!/^[0-9a-f]{32}$/.test(machine)) {
    throw new FailureError('malformed', { path: '/etc/machine-id' });
  }
  const places = [
    ['volatile', `/run/log/journal/${machine}`],
    ['persistent', `/var/log/journal/${machine}`],
  ] as const;
  for (const [kind, folder] of places) {
    const file = await orAbsent(host.stat(`${folder}/system.journal`));
    if (isUnseen(file)) throw new FailureError(file.unseen.code, file.unseen.params);
    if (file !== null) return { kind, free_bytes: await freeBytes(folder, root) };
  }
  return { kind: 'none', free_bytes: null };
}

/** What an unprivileged writer may still use. */
async function freeBytes(path: string, root: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(await resolveInRoot({ root, path }));
    return bavail * bsize;
  } catch (thrown) {
    throw failureAt(thrown, 'probe.logging', { path });
  }
}
