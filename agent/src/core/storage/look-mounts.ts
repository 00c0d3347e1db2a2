import { toFailure } from '../../wire/failure.ts';
import type { Host } from '../host.ts';
import type { EncryptionFacts, OtherMount } from './facts.ts';
import { type Mount, visibleMounts } from './mounts.ts';
import { type Protection, unsupported, weakest } from './protection.ts';
import { scopeOf } from './scope.ts';
import type { EncryptionSection } from './section.ts';
import type { StorageStack } from './stack.ts';
import { poolOf, readZfs } from './zfs.ts';

type Look = { host: Host; mounts: readonly Mount[]; stack: StorageStack };

/** The mounts that the baseline declares, and the disks of all others, each device once. */
export async function lookAtMounts({
  expected,
  ...look
}: Look & { expected: EncryptionSection }): Promise<Pick<EncryptionFacts, 'mounts' | 'others'>> {
  const visible = visibleMounts(look.mounts);
  const zfs = await lookAtZfs(look);
  const protect = (mount: Mount) => zfs.get(mount.source) ?? protectionOf(mount, look.stack);

  const declared = expected.mounts.map(({ target }) => ({
    target,
    mount: visible.find((candidate) => candidate.target === target),
  }));
  const mounts = declared.map(async ({ target, mount }) =>
    mount === undefined
      ? { target, fstype: null, protection: null }
      : { target, fstype: mount.fstype, protection: await protect(mount) },
  );
  return {
    mounts: await Promise.all(mounts),
    others:
      expected.undeclared_mounts === 'ignored'
        ? []
        : await byDevice({
            ...look,
            judged: declared.flatMap(({ mount }) => mount ?? []),
            protect,
          }),
  };
}

async function protectionOf(mount: Mount, stack: StorageStack): Promise<Protection> {
  const scope = scopeOf(mount);
  if (scope === 'memory' || scope === 'kernel') return { state: 'memory' };
  try {
    if (scope === 'network') throw unsupported(mount.fstype);
    return await stack.protection(await stack.devicesOf(mount));
  } catch (error) {
    return unseen(error);
  }
}

/** One question for all data sets of ZFS; none where there is no ZFS. */
async function lookAtZfs({ host, mounts }: Look): Promise<Map<string, Protection>> {
  const sources = mounts.filter(({ fstype }) => fstype === 'zfs').map(({ source }) => source);
  if (sources.length === 0) return new Map();
  const datasets = [...new Set(sources)];
  const seen = await readZfs({ host, datasets }).catch(unseen);
  const none = unseen(unsupported('zfs'));
  return new Map(
    datasets.map((name) => [name, seen instanceof Map ? (seen.get(name) ?? none) : seen]),
  );
}

/** Bind mounts, subvolumes and data sets are judged once, by their device or pool. */
async function byDevice({
  mounts,
  stack,
  judged,
  protect,
}: Look & {
  judged: readonly Mount[];
  protect: (mount: Mount) => Protection | Promise<Protection>;
}): Promise<OtherMount[]> {
  const label = async (mount: Mount) =>
    mount.fstype === 'zfs'
      ? poolOf(mount.source)
      : (await stack.devicesOf(mount).catch(() => [mount.device])).join(' ').slice(0, 64);
  const done = new Set(
    await Promise.all(judged.filter(({ fstype }) => fstype !== 'zfs').map(label)),
  );
  const found = new Map<string, OtherMount>();
  for (const mount of mounts) {
    if (judged.includes(mount) || scopeOf(mount) !== 'disk') continue;
    const device = await label(mount);
    if (done.has(device)) continue;
    const earlier = found.get(device);
    if (earlier !== undefined && mount.fstype !== 'zfs') continue;
    const parts = [...(earlier === undefined ? [] : [earlier.protection]), await protect(mount)];
    found.set(device, { device, fstype: mount.fstype, protection: weakest(parts) });
  }
  return [...found.values()];
}

function unseen(error: unknown): Protection {
  return { state: 'unseen', error: toFailure(error, 'core/storage') };
}
