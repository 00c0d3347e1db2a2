import { FailureError, toFailure } from '../../wire/failure.ts';
import type { Host } from '../host.ts';
import { type Mount, mountOf, type Swap } from './mounts.ts';
import { type Protection, unsupported, weakest } from './protection.ts';

type Method = Extract<Protection, { state: 'encrypted' }>['by'][number];

/**
 * Walks down from mounts and swaps to disks through sysfs, as any user may (Documentation/ABI/stable/sysfs-block).
 * A device is encrypted when dm-crypt stands on every way down from it. Kernel names only (`dm-0`, `sda1`): names of
 * mappings and folders may be a person’s.
 */
export class StorageStack {
  readonly #host: Host;
  readonly #mounts: readonly Mount[];

  constructor({ host, mounts }: { host: Host; mounts: readonly Mount[] }) {
    this.#host = host;
    this.#mounts = mounts;
  }

  /** The kernel names of the block devices that a mount’s file system lies on. */
  async devicesOf(mount: Mount): Promise<string[]> {
    if (mount.fstype === 'btrfs') return this.#btrfsDevices(mount.source);
    if (mount.fstype === 'overlay') return this.#overlayDevices(mount);
    // bcachefs and others with anonymous numbers do not say where they lie or how they encrypt.
    if (mount.device.startsWith('0:')) throw unsupported(mount.fstype);
    return [baseName(await this.#host.link(`/sys/dev/block/${mount.device}`))];
  }

  /** The kernel names beneath an active swap area. */
  async devicesOfSwap(swap: Swap): Promise<string[]> {
    return swap.kind === 'file'
      ? this.#devicesOfPath(swap.path)
      : [await this.kernelName(swap.path)];
  }

  /** The kernel’s name of `/dev/…`, without reading `/dev`, which the agent’s sandbox may not show. */
  async kernelName(device: string): Promise<string> {
    const mapping = /^\/dev\/mapper\/(.+)$/.exec(device)?.[1];
    if (mapping !== undefined) return this.#mappingNamed(mapping);
    if (/^\/dev\/disk\/by-[a-z]+\/./.test(device)) return baseName(await this.#host.link(device));
    const name = device.replace(/^\/dev\//, '').replaceAll('/', '!');
    await this.#host.link(classPath(name));
    return name;
  }

  async #mappingNamed(mapping: string): Promise<string> {
    for (const name of await this.#host.list('/sys/class/block')) {
      if (name.startsWith('dm-') && (await this.#attribute(name, 'dm/name')) === mapping)
        return name;
    }
    throw new FailureError('absent');
  }

  async #btrfsDevices(source: string): Promise<string[]> {
    const name = await this.kernelName(source);
    for (const id of await this.#host.list('/sys/fs/btrfs')) {
      if (!/^[0-9a-f]{8}-/.test(id)) continue; // `features` stands beside the file systems
      const members = await this.#host.list(`/sys/fs/btrfs/${id}/devices`);
      if (members.includes(name)) return members;
    }
    throw unsupported('btrfs');
  }

  async #overlayDevices(mount: Mount): Promise<string[]> {
    const upper = mount.options.find((option) => option.startsWith('upperdir='))?.slice(9);
    if (upper === undefined || !upper.startsWith('/')) throw unsupported('overlay');
    return this.#devicesOfPath(upper);
  }

  async #devicesOfPath(path: string): Promise<string[]> {
    const mount = mountOf(path, this.#mounts);
    if (mount === undefined || mount.fstype === 'overlay') throw unsupported('overlay');
    return this.devicesOf(mount);
  }

  /** How the data on some devices is protected; the weakest of them decides, what was not seen outweighs a pass. */
  async protection(names: readonly string[]): Promise<Protection> {
    return weakest(await Promise.all(names.map((name) => this.#walk(name, []))));
  }

  async #walk(name: string, above: readonly string[]): Promise<Protection> {
    if (above.length > 16 || above.includes(name))
      return { state: 'unseen', error: unsupported('loop').failure };
    try {
      return await this.#look(name, [...above, name]);
    } catch (error) {
      return { state: 'unseen', error: toFailure(error, 'core/storage/stack') };
    }
  }

  async #look(name: string, path: readonly string[]): Promise<Protection> {
    if (/^z?ram\d/.test(name)) return this.#writeback(name, path);
    if (/^zd\d/.test(name)) throw unsupported('zvol');
    const uuid = await this.#attribute(name, 'dm/uuid');
    const method = uuid === null ? null : cryptMethod(uuid);
    if (method !== null) return { state: 'encrypted', by: [method], devices: [name] };

    const below = await this.#below(name, path);
    if (below.length > 0)
      return weakest(await Promise.all(below.map((next) => this.#walk(next, path))));
    if (uuid !== null) throw unsupported('device-mapper'); // a target without a device beneath says nothing
    return { state: 'not_encrypted', devices: [name] };
  }

  /** A RAM disk is no disk, unless zram writes back to one (Documentation/admin-guide/blockdev/zram.rst). */
  async #writeback(name: string, path: readonly string[]): Promise<Protection> {
    const disk = await this.#attribute(name, 'backing_dev');
    if (disk === null || disk === 'none') return { state: 'memory' };
    return this.#walk(await this.kernelName(disk), path);
  }

  /** LVM, md, multipath and bcache name their parts in `slaves`; a partition lies in its disk, a loop in a file. */
  async #below(name: string, path: readonly string[]): Promise<string[]> {
    const slaves = await this.#host.list(`${classPath(name)}/slaves`).catch(orAbsent([]));
    if (slaves.length > 0) return slaves;
    if ((await this.#attribute(name, 'partition')) !== null) {
      const disk = baseName(parentPath(await this.#host.link(classPath(name))));
      if (path.includes(disk)) throw unsupported('partition');
      return [disk];
    }
    const file = await this.#attribute(name, 'loop/backing_file');
    return file === null ? [] : this.#devicesOfPath(file);
  }

  /** A sysfs attribute without its newline; null where the device has no such attribute. */
  async #attribute(name: string, attribute: string): Promise<string | null> {
    const text = await this.#host.read(`${classPath(name)}/${attribute}`).catch(orAbsent(null));
    return text === null ? null : text.replace(/\n$/, '');
  }
}

/** libcryptsetup writes `CRYPT-TYPE-…` as uuid of each mapping; null for what does not encrypt, as dm-verity. */
function cryptMethod(uuid: string): Method | null {
  const type = /^CRYPT-([A-Z0-9]+)/.exec(uuid)?.[1];
  if (type === 'LUKS2') return 'luks2';
  if (type === 'LUKS1') return 'luks1';
  if (type === 'PLAIN') return 'plain';
  if (type === undefined || ['VERITY', 'INTEGRITY', 'SUBDEV'].includes(type)) return null;
  throw unsupported(type.toLowerCase()); // TCRYPT, BITLK, LOOPAES, FVAULT2: encrypted, but not by our rules
}

const classPath = (name: string) => `/sys/class/block/${name}`;
const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const parentPath = (path: string) => path.slice(0, path.lastIndexOf('/'));

function orAbsent<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof FailureError && error.failure.code === 'absent') return otherwise;
    throw error;
  };
}
