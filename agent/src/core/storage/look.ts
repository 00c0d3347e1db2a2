import { FailureError } from '../../wire/failure.ts';
import type { Host } from '../host.ts';
import { orUnseen } from '../unseen.ts';
import type { EncryptionFacts } from './facts.ts';
import { lookAtMounts } from './look-mounts.ts';
import { lookAtSwaps } from './look-swaps.ts';
import { Volumes } from './luks-schema.ts';
import { type Mount, parseMountinfo } from './mounts.ts';
import type { EncryptionSection } from './section.ts';
import { StorageStack } from './stack.ts';

/** The facts of the check `encryption`: mounts and swaps, each walked down to its disks, and the declared headers. */
export async function lookAtStorage({
  host,
  expected,
}: {
  host: Host;
  expected: EncryptionSection;
}): Promise<EncryptionFacts> {
  const { view, mounts } = await readMounts(host);
  const stack = new StorageStack({ host, mounts });
  return {
    view,
    ...(await lookAtMounts({ host, mounts, stack, expected })),
    ...(await lookAtSwaps({ host, stack, expected })),
    volumes: await lookAtVolumes({ host, expected }),
  };
}

/** What PID 1 sees; the agent’s unit hands it over, as its sandbox shows it no other process. */
const OF_PID1 = ['/proc/1/mountinfo', '/run/compliance-agent/mountinfo'];

/** PID 1 sees what the host has mounted; a sandboxed service sees its own copy, with folders hidden or covered. */
async function readMounts(host: Host): Promise<{ view: 'pid1' | 'self'; mounts: Mount[] }> {
  for (const path of OF_PID1) {
    const mounts = parseMountinfo(await readUnlessHidden(host, path));
    if (mounts.length > 0) return { view: 'pid1', mounts };
  }
  return { view: 'self', mounts: parseMountinfo(await host.read('/proc/self/mountinfo')) };
}

/** Empty where it is hidden; outside the agent’s sandbox its mount point is an empty file. */
async function readUnlessHidden(host: Host, path: string): Promise<string> {
  try {
    return await host.read(path);
  } catch (error) {
    const hidden =
      error instanceof FailureError && ['absent', 'denied'].includes(error.failure.code);
    if (hidden) return '';
    throw error;
  }
}

/** Asked of the privileged probe only where the baseline declares headers at all. */
async function lookAtVolumes({
  host,
  expected,
}: {
  host: Host;
  expected: EncryptionSection;
}): Promise<EncryptionFacts['volumes']> {
  if (expected.luks.length === 0) return [];
  return orUnseen(
    host.probe('volumes').then((answer) => {
      const { success, data } = Volumes.safeParse(answer);
      if (success) return data.volumes;
      throw new FailureError('malformed', { probe: 'volumes' });
    }),
  );
}
