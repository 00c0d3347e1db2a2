import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Host } from '../../agent/src/core/host.ts';
import { createHost } from '../../agent/src/effects/host/index.ts';
import { FailureError } from '../../agent/src/wire/failure.ts';

/** A block device by its kernel name: `dm` is `[name, uuid]`, `file` a loop’s, `backing` zram’s. */
export type Device = {
  number: string;
  parent?: string;
  slaves?: string[];
  dm?: [name: string, uuid: string];
  file?: string;
  backing?: string;
};

export type Storage = {
  /** Lines of mountinfo. */
  mounts: string[];
  /** Lines of /proc/swaps below its heading, as `/dev/dm-1 partition 1024 0 -2`. */
  swaps?: string[];
  devices: Record<string, Device>;
  /** Members of each btrfs file system, by its uuid. */
  btrfs?: Record<string, string[]>;
  zfs?: string;
  volumes?: unknown;
  /** Where mountinfo is: of PID 1, of the process itself, or both and PID 1’s as the agent’s unit hands it over. */
  view?: '1' | 'self' | 'handed';
  denied?: string[];
};

/** Builds proc and sysfs of a machine in a temporary folder, laid out as the kernel does, for as long as `use` takes. */
export async function withStorage<T>(
  storage: Storage,
  use: (host: Host) => Promise<T>,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'storage-'));
  try {
    build(root, storage);
    return await use(hostOf(root, storage));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function build(root: string, { mounts, swaps = [], devices, btrfs = {}, view = '1' }: Storage) {
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  };
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target, join(root, path));
  };
  put(`proc/${view === 'handed' ? 'self' : view}/mountinfo`, mounts.join('\n'));
  if (view === 'handed') put('run/compliance-agent/mountinfo', mounts.join('\n'));
  put('proc/swaps', ['Filename Type Size Used Priority', ...swaps].join('\n'));
  for (const [name, { number, parent, slaves = [], dm, file, backing }] of Object.entries(
    devices,
  )) {
    const place = ['devices/pci0000:00/block', ...(parent === undefined ? [] : [parent]), name];
    const sys = place.join('/');
    put(`sys/${sys}/dev`, number);
    link(`sys/class/block/${name}`, `../../${sys}`);
    link(`sys/dev/block/${number}`, `../../${sys}`);
    if (parent !== undefined) put(`sys/${sys}/partition`, '1');
    if (dm !== undefined) {
      put(`sys/${sys}/dm/name`, dm[0]);
      put(`sys/${sys}/dm/uuid`, dm[1]);
    }
    for (const slave of slaves) link(`sys/${sys}/slaves/${slave}`, `/sys/class/block/${slave}`);
    if (file !== undefined) put(`sys/${sys}/loop/backing_file`, file);
    if (backing !== undefined) put(`sys/${sys}/backing_dev`, backing);
  }
  for (const [uuid, members] of Object.entries(btrfs)) {
    for (const name of members)
      link(`sys/fs/btrfs/${uuid}/devices/${name}`, `/sys/class/block/${name}`);
  }
}

function hostOf(root: string, { zfs, volumes, denied = [] }: Storage): Host {
  const { signal } = new AbortController();
  const host = createHost({ root, runtimeDir: join(root, 'none'), signal });
  const allowed = (path: string) => {
    if (denied.includes(path)) throw new FailureError('denied', { path });
    return path;
  };
  return {
    ...host,
    read: async (path, options) => host.read(allowed(path), options),
    link: async (path) => host.link(allowed(path)),
    run: async ({ tool }) => {
      if (zfs === undefined) throw new FailureError('tool_missing', { tool });
      return { stdout: zfs, exitCode: 0 };
    },
    probe: async (name) => {
      if (volumes === undefined) throw new FailureError('unreachable', { probe: name });
      return volumes;
    },
  };
}
