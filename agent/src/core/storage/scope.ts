import type { Mount } from './mounts.ts';

/**
 * Which mounts hold data of this host on a disk of this host. Out of scope, by stated rules:
 * `memory` what is gone when the power is; `kernel` what the kernel invents; `network` what another host keeps (its
 * protection at rest is that host’s, 45 CFR 164.312(e) is the transport’s); `boot` what firmware must read;
 * `layered` what lies on another mount, which is judged itself.
 */
export type Scope = 'disk' | 'memory' | 'kernel' | 'network' | 'boot' | 'layered';

const MEMORY = ['tmpfs', 'ramfs', 'devtmpfs', 'rootfs', 'hugetlbfs'];
const NETWORK = [
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'smbfs',
  '9p',
  'virtiofs',
  'ceph',
  'afs',
  'glusterfs',
];
const LAYERED = ['overlay', 'autofs'];
const KERNEL = [
  'proc sysfs cgroup cgroup2 devpts mqueue pstore bpf securityfs debugfs tracefs configfs efivarfs',
  'fusectl binfmt_misc rpc_pipefs nsfs selinuxfs nfsd pidfs sockfs binder resctrl smackfs',
]
  .join(' ')
  .split(' ');

export function scopeOf({ fstype, target }: Pick<Mount, 'fstype' | 'target'>): Scope {
  if (MEMORY.includes(fstype)) return 'memory';
  if (KERNEL.includes(fstype)) return 'kernel';
  // A FUSE daemon without a block device (`fuseblk` has one) keeps nothing itself: sshfs, portals, lxcfs.
  if (NETWORK.includes(fstype) || /^fuse(\.|$)/.test(fstype)) return 'network';
  if (LAYERED.includes(fstype)) return 'layered';
  if (/^\/(boot|efi)(\/|$)/.test(target)) return 'boot';
  return 'disk';
}
