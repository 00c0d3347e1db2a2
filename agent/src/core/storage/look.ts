import { FailureError, toFailure } from '../../wire/failure.ts';
import type { Host } from '../host.ts';
import type { EncryptionFacts } from './facts.ts';
import { Volumes } from './luks.ts';
import { type Mount, parseMountinfo, parseSwaps, visibleMounts } from './mounts.ts';
import { scopeOf } from './scope.ts';
import type { EncryptionSection } from './section.ts';
import { type Protection, StorageStack, weakest } from './stack.ts';
import { zfsProtection } from './zfs.ts';

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
  const declared = new Set(expected.mounts.map(({ target }) => target));
  const visible = visibleMounts(mounts);
  const others = visible.filter((mount) => !declared.has(mount.target) && scopeOf(mount) === 'disk');
  const protect = (mount: Mount) => mountProtection({ mount, host, stack });
  return {
    view,
    mounts: await Promise.all(
      [...declared].map(async (target) => {
        const mount = visible.find((candidate) => candidate.target === target);
        if (mount === undefined) return { target, fstype: null, protection: null };
        return { target, fstype: mount.fstype, protection: await protect(mount) };
      }),
    ),
    others:
      expected.undeclared_mounts === 'ignored' ? [] : await byDevice({ mounts: others, stack, protect }),
    ...(await lookAtSwaps({ host, expected, stack })),
    volumes: await lookAtVolumes({ host, expected }),
  };
}

/** PID 1 sees what the host has mounted; a sandboxed service sees its own copy, with folders hidden or covered. */
async function readMounts(host: Host): Promise<{ view: 'pid1' | 'self'; mounts: Mount[] }> {
  try {
    return { view: 'pid1', mounts: parseMountinfo(await host.read('/proc/1/mountinfo')) };
  } catch (error) {
    const seen = error instanceof FailureError && ['absent', 'denied'].includes(error.failure.code);
    if (!seen) throw error;
    return { view: 'self', mounts: parseMountinfo(await host.read('/proc/self/mountinfo')) };
  }
}

async function mountProtection({
  mount,
  host,
  stack,
}: {
  mount: Mount;
  host: Host;
  stack: StorageStack;
}): Promise<Protection> {
  const scope = scopeOf(mount);
  if (scope === 'memory' || scope === 'kernel') return { state: 'memory' };
  try {
    if (scope === 'network') throw new FailureError('unsupported', { backend: mount.fstype });
    if (mount.fstype === 'zfs') return await zfsProtection({ host, dataset: mount.source });
    return await stack.protection(await stack.devicesOf(mount));
  } catch (error) {
    return { state: 'unseen', error: toFailure(error, 'core/storage/look') };
  }
}

/** Each device once: bind mounts and subvolumes share theirs. ZFS goes by pool, since data sets carry names of people. */
async function byDevice({
  mounts,
  stack,
  protect,
}: {
  mounts: readonly Mount[];
  stack: StorageStack;
  protect: (mount: Mount) => Promise<Protection>;
}): Promise<EncryptionFacts['others']> {
  const seen = new Map<string, EncryptionFacts['others'][number]>();
  for (const mount of mounts) {
    const device = await deviceLabel(mount, stack);
    const earlier = seen.get(device);
    if (earlier !== undefined && mount.fstype !== 'zfs') continue;
    const protection = await protect(mount);
    const parts = earlier === undefined ? [protection] : [earlier.protection, protection];
    seen.set(device, { device, fstype: mount.fstype, protection: weakest(parts) as never });
  }
  return [...seen.values()];
}

async function deviceLabel(mount: Mount, stack: StorageStack): Promise<string> {
  if (mount.fstype === 'zfs') return mount.source.split('/')[0] ?? '';
  const names = await stack.devicesOf(mount).catch(() => [mount.device]);
  return names.join(' ').slice(0, 64);
}

async function lookAtSwaps({
  host,
  expected,
  stack,
}: {
  host: Host;
  expected: EncryptionSection;
  stack: StorageStack;
}): Promise<Pick<EncryptionFacts, 'swaps' | 'unresolved_swaps'>> {
  const active = parseSwaps(await host.read('/proc/swaps'));
  const named = expected.swaps.map(({ device }) => device).filter((device) => device !== 'all');
  const entries = await Promise.all(
    named.map(async (device) => ({ device, name: await stack.kernelName(device).catch(() => null) })),
  );
  const all = expected.swaps.some(({ device }) => device === 'all') ? 'all' : null;
  const swaps = await Promise.all(
    active.map(async (swap) => {
      const names = await stack.devicesOfSwap(swap).catch(() => null);
      const label = swap.kind === 'file' ? 'file' : (names?.[0] ?? 'unknown');
      const entry = entries.find(
        ({ device, name }) => device === swap.path || (swap.kind === 'partition' && name === label),
      );
      return {
        device: label,
        declared: entry?.device ?? all,
        protection: await stack.protection(names ?? []),
      };
    }),
  );
  const unresolved = entries.filter(
    ({ device, name }) => name === null && !swaps.some(({ declared }) => declared === device),
  );
  return { swaps: swaps as EncryptionFacts['swaps'], unresolved_swaps: unresolved.map(({ device }) => device) };
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
  try {
    return Volumes.parse(await host.probe('volumes')).volumes;
  } catch (error) {
    if (error instanceof FailureError) return { unseen: error.failure };
    return { unseen: { code: 'malformed', params: { probe: 'volumes' } } };
  }
}
