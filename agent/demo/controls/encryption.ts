import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Control } from '../control.ts';
import { plant, type Tree } from '../tree.ts';

/** Fast on purpose: the demo opens nothing with this key, only the header’s form is judged. */
const QUICK = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];

/** A LUKS2 header on a file, made and changed by cryptsetup, and mounts as PID 1 would tell of them. */
export function encryptionControl({ root, folder }: { root: string; folder: string }): Control {
  const volume = join(folder, 'patients.luks');
  const keys = ['first.key', 'second.key'].map((name) => join(folder, name));
  const [first = '', second = ''] = keys;
  for (const key of keys) writeFileSync(key, randomBytes(32), { mode: 0o600 });
  writeFileSync(volume, '');
  truncateSync(volume, 32 * 1024 * 1024);
  const cryptsetup = (...args: string[]) => execFileSync('cryptsetup', ['-q', ...args]);
  cryptsetup('luksFormat', '--type', 'luks2', ...QUICK, '--key-file', first, volume);

  plant(root, { ...disk('vda', '254:0'), ...mapped('dm-0', '253:0', 'root') });
  mount(root, '253:0', '/dev/mapper/root');

  return {
    id: 'encryption',
    section: {
      mounts: [{ target: '/' }, { target: '/srv/patients' }],
      luks: [{ name: 'patients', device: volume, key_slots: [0] }],
    },
    real: 'a LUKS2 header on a file, its key slots',
    simulated: 'mounts and block devices',
    violations: [
      {
        title: 'a second key opens the volume',
        finding: 'unexpected_key_slot',
        heals: false,
        violate: () => void cryptsetup('luksAddKey', ...QUICK, '--key-file', first, volume, second),
        restore: () => void cryptsetup('luksKillSlot', '--key-file', first, volume, '1'),
      },
      {
        title: 'patient files lie on a plain disk',
        finding: 'mount_not_encrypted',
        heals: false,
        violate: () => mount(root, '254:0', '/dev/vda'),
        restore: () => mount(root, '253:0', '/dev/mapper/root'),
      },
    ],
  };
}

/** proc_pid_mountinfo(5): the root is encrypted, /srv/patients is where `device` says. */
function mount(root: string, device: string, source: string): void {
  const table = [
    '25 1 253:0 / / rw,noatime shared:1 - ext4 /dev/mapper/root rw',
    '26 25 0:22 / /proc rw,nosuid,nodev,noexec shared:2 - proc proc rw',
    '27 25 0:24 / /dev/shm rw,nosuid,nodev shared:9 - tmpfs tmpfs rw',
    `42 25 ${device} / /srv/patients rw,relatime shared:45 - ext4 ${source} rw`,
  ];
  const text = `${table.join('\n')}\n`;
  plant(root, {
    '/proc/1/mountinfo': text,
    '/proc/self/mountinfo': text,
    '/proc/swaps': 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
  });
}

function disk(name: string, number: string): Tree {
  const place = `/sys/devices/pci0000:00/0000:00:04.0/virtio1/block/${name}`;
  return {
    [`${place}/dev`]: `${number}\n`,
    [`${place}/size`]: '41943040\n',
    [`/sys/block/${name}`]: { to: place },
    [`/sys/class/block/${name}`]: { to: place },
    [`/sys/dev/block/${number}`]: { to: place },
  };
}

function mapped(name: string, number: string, label: string): Tree {
  const place = `/sys/devices/virtual/block/${name}`;
  return {
    [`${place}/dev`]: `${number}\n`,
    [`${place}/dm/name`]: `${label}\n`,
    [`${place}/dm/uuid`]: `CRYPT-LUKS2-92b82655d60349e794c364f0633aefa7-${label}\n`,
    [`${place}/slaves/vda`]: { to: '/sys/block/vda' },
    [`/sys/block/${name}`]: { to: place },
    [`/sys/class/block/${name}`]: { to: place },
    [`/sys/dev/block/${number}`]: { to: place },
  };
}
