import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encryption } from '../../agent/src/checks/encryption.ts';
import { concludeCheck } from '../../agent/src/core/judge.ts';
import { observe } from '../../agent/src/effects/observe.ts';
import { type CheckState, Verdict } from '../../agent/src/wire/verdict.ts';
import { summary, testFixtures } from '../support/fixture-check.ts';
import { type Device, type Storage, withStorage } from '../support/storage-host.ts';

// From a QEMU machine with one LUKS2 disk and one in the clear.
testFixtures(encryption, [
  ['compliant', 'compliant', []],
  ['drifted', 'drifted', ['mount_not_encrypted /srv/secret']],
  ['drifted-key-slot', 'drifted', ['unexpected_key_slot secret']],
  ['absent', 'notApplicable', []],
  ['unreadable', 'unknown', ['denied']],
  ['unreadable-uuid', 'unknown', ['mount_not_seen /srv/secret']],
  ['unreadable-header', 'unknown', ['header_not_seen secret']],
  ['unreadable-probe', 'unknown', ['header_not_seen secret']],
]);

const UUID = '92b82655-d603-49e7-94c3-64f0633aefa7';
const luks = (number: string, slave: string, version = 2): Device => ({
  number,
  slaves: [slave],
  dm: ['cryptroot', `CRYPT-LUKS${version}-${UUID.replaceAll('-', '')}-cryptroot`],
});
const BTRFS = '0a1b2c3d-0000-4000-8000-000000000001';
const mount = (device: string, target: string, type: string, source: string, options = 'rw') =>
  `25 1 ${device} / ${target} rw shared:1 - ${type} ${source} ${options}`;

/** A laptop as many are: partition, LUKS, LVM, btrfs with subvolumes, swap, an EFI partition, network and memory. */
const laptop = {
  mounts: [
    mount('0:30', '/', 'btrfs', '/dev/mapper/vg-root'),
    mount('0:30', '/home', 'btrfs', '/dev/mapper/vg-root'),
    mount('8:1', '/boot', 'vfat', '/dev/sda1'),
    mount('0:31', '/mnt/nas', 'nfs4', 'nas:/x'),
    mount('0:32', '/tmp', 'tmpfs', 'tmpfs'),
    mount('0:33', '/var/lib/docker/m', 'overlay', 'overlay', 'rw,upperdir=/var/lib/docker/u'),
    mount('7:0', '/snap/core', 'squashfs', '/dev/loop0', 'ro'),
  ],
  swaps: ['/dev/dm-2 partition 8388604 0 -2', '/dev/zram0 partition 4194300 0 100'],
  devices: {
    sda: { number: '8:0' },
    sda1: { number: '8:1', parent: 'sda' },
    sda2: { number: '8:2', parent: 'sda' },
    sdb: { number: '8:16' },
    'dm-0': luks('253:0', 'sda2'),
    'dm-1': { number: '253:1', slaves: ['dm-0'], dm: ['vg-root', 'LVM-aaaabbbb'] },
    'dm-2': { number: '253:2', slaves: ['dm-0'], dm: ['vg-swap', 'LVM-aaaacccc'] },
    'dm-3': { number: '253:3', slaves: ['sdb'], dm: ['swap-random', 'CRYPT-PLAIN-swap-random'] },
    loop0: { number: '7:0', file: '/var/lib/snapd/snaps/core.snap' },
    zram0: { number: '252:0', backing: 'none' },
  } as Record<string, Device>,
  btrfs: { [BTRFS]: ['dm-1'] },
} satisfies Storage;
const onto = (target: string, ...lines: string[]) => [
  ...laptop.mounts.filter((line) => !line.includes(` ${target} rw `)),
  ...lines,
];
const random = ['/dev/dm-3 partition 8388604 0 -2'];
const mine = { mounts: [{ target: '/' }] };
const swapNamed = (device: string) => ({
  ...mine,
  swaps: [{ device, random_key_allowed: true }],
});

type Case = [
  title: string,
  verdict: Verdict,
  found: string[],
  changes: Partial<Storage>,
  section?: unknown,
];
const { compliant, drifted, unknown } = Verdict.enum;
const cases: Case[] = [
  ['LVM on LUKS below btrfs', compliant, [], {}],
  [
    'LUKS1',
    drifted,
    ['luks1 /', 'luks1 loop0', 'luks1 dm-2'],
    replaced('dm-0', luks('253:0', 'sda2', 1)),
  ],
  [
    'a mapping that is not encrypted in the place of LUKS',
    drifted,
    ['mount_not_encrypted /', 'mount_not_encrypted loop0', 'swap_not_encrypted dm-2'],
    replaced('dm-0', { number: '253:0', slaves: ['sda2'], dm: ['linear', 'linear-1'] }),
  ],
  [
    'BitLocker, which the rules do not judge',
    unknown,
    ['mount_not_seen /', 'mount_not_seen loop0', 'swap_not_seen dm-2'],
    replaced('dm-0', { number: '253:0', slaves: ['sda2'], dm: ['bit', 'CRYPT-BITLK-1-bit'] }),
  ],
  [
    'a mapping without a device beneath',
    unknown,
    ['mount_not_seen /', 'mount_not_seen loop0', 'swap_not_seen dm-2'],
    replaced('dm-0', { number: '253:0', dm: ['zero', ''] }),
  ],
  [
    'a second btrfs disk in the clear',
    drifted,
    ['mount_not_encrypted /', 'mount_not_encrypted loop0'],
    { btrfs: { [BTRFS]: ['dm-1', 'sdb'] } },
  ],
  [
    'btrfs that does not name its disks',
    unknown,
    ['mount_not_seen /', 'mount_not_seen loop0'],
    { btrfs: {} },
  ],
  [
    'bcachefs, which does not say how it encrypts',
    unknown,
    ['mount_not_seen 0:40'],
    { mounts: [...laptop.mounts, mount('0:40', '/data', 'bcachefs', '/dev/sdb')] },
  ],
  [
    'RAID of two LUKS disks',
    compliant,
    [],
    { mounts: [mount('9:1', '/', 'ext4', '/dev/md1')], ...raid('dm-0', 'dm-1'), swaps: [] },
  ],
  [
    'RAID with one disk in the clear',
    drifted,
    ['mount_not_encrypted /'],
    { mounts: [mount('9:1', '/', 'ext4', '/dev/md1')], ...raid('dm-0', 'sdb'), swaps: [] },
  ],
  [
    'somebody’s removable disk',
    drifted,
    ['mount_not_encrypted sdb'],
    { mounts: [...laptop.mounts, mount('8:16', '/run/media/alice/PATIENTS', 'vfat', '/dev/sdb')] },
  ],
  [
    'a removable disk where others are ignored',
    compliant,
    [],
    { mounts: [...laptop.mounts, mount('8:16', '/run/media/alice/PATIENTS', 'vfat', '/dev/sdb')] },
    { ...mine, undeclared_mounts: 'ignored' },
  ],
  [
    'the boot partition where it is declared',
    drifted,
    ['mount_not_encrypted /boot'],
    {},
    { mounts: [{ target: '/' }, { target: '/boot' }] },
  ],
  [
    'a declared folder kept by another host',
    unknown,
    ['mount_not_seen /mnt/nas'],
    {},
    { mounts: [{ target: '/' }, { target: '/mnt/nas' }] },
  ],
  ['a declared overlay', compliant, [], {}, { mounts: [{ target: '/var/lib/docker/m' }] }],
  ['nothing mounted there', drifted, ['mount_missing /phi'], {}, { mounts: [{ target: '/phi' }] }],
  [
    'memory in the place of a disk',
    drifted,
    ['mount_missing /phi'],
    { mounts: [...laptop.mounts, mount('0:41', '/phi', 'tmpfs', 'tmpfs')] },
    { mounts: [{ target: '/phi' }] },
  ],
  [
    'a mount over an encrypted one',
    drifted,
    ['mount_not_encrypted /'],
    {
      mounts: [...onto('/boot'), mount('8:16', '/', 'ext4', '/dev/sdb')],
      swaps: [],
      btrfs: laptop.btrfs,
    },
    { ...mine, undeclared_mounts: 'ignored' },
  ],
  [
    'the view of a sandbox',
    unknown,
    ['mount_not_seen /phi', 'mounts_not_seen /proc/1/mountinfo'],
    { view: 'self' },
    { mounts: [{ target: '/phi' }] },
  ],
  [
    'the view of a sandbox that is handed PID 1’s',
    drifted,
    ['mount_missing /phi'],
    { view: 'handed' },
    { mounts: [{ target: '/phi' }] },
  ],
  [
    'a device number that is hidden',
    unknown,
    ['mount_not_seen 7:0'],
    { denied: ['/sys/dev/block/7:0'] },
  ],
  [
    'swap in the clear',
    drifted,
    ['swap_not_encrypted sdb'],
    { swaps: ['/dev/sdb partition 9 0 -2'] },
  ],
  ['a swap file on LUKS', compliant, [], { swaps: ['/swap\\040file file 9 0 -2'] }],
  ['swap with an undeclared random key', drifted, ['plain_dm_crypt dm-3'], { swaps: random }],
  [
    'swap with a declared random key',
    compliant,
    [],
    { swaps: random },
    swapNamed('/dev/mapper/swap-random'),
  ],
  [
    'swap declared by a name that cannot be followed',
    unknown,
    ['swap_not_seen dm-3'],
    { swaps: random },
    swapNamed('/dev/disk/by-uuid/1'),
  ],
  [
    'zram that writes back to a disk in the clear',
    drifted,
    ['swap_not_encrypted zram0'],
    replaced('zram0', { number: '252:0', backing: '/dev/sdb' }),
  ],
  ['ZFS with its own encryption', compliant, [], zfs('aes-256-gcm')],
  ['a ZFS data set without', drifted, ['mount_not_encrypted rpool'], zfs('off')],
  [
    'ZFS that nobody can ask',
    unknown,
    ['mount_not_seen /', 'mount_not_seen rpool'],
    { ...zfs('off'), zfs: undefined as never },
  ],
];

function replaced(name: string, device: Device): Partial<Storage> {
  return { devices: { ...laptop.devices, [name]: device } };
}

function raid(...slaves: string[]): Partial<Storage> {
  const devices = {
    ...laptop.devices,
    'dm-1': luks('253:1', 'sdb'),
    md1: { number: '9:1', slaves },
  };
  return { devices };
}

function zfs(home: string): Partial<Storage> {
  const get = (name: string, suite: string) =>
    `${name}\tencryption\t${suite}\n${name}\tkeystatus\tavailable\n`;
  return {
    mounts: [
      mount('0:30', '/', 'zfs', 'rpool/root'),
      mount('0:31', '/home/alice', 'zfs', 'rpool/home/alice'),
    ],
    zfs: get('rpool/root', 'aes-256-gcm') + get('rpool/home/alice', home),
    swaps: [],
  };
}

async function look(changes: Partial<Storage>, section: unknown): Promise<CheckState> {
  const now = new Date('2026-11-22T16:00:00.000Z');
  return withStorage({ ...laptop, ...changes }, async (host) => {
    const expected = encryption.expectation.parse(section);
    const seen = await observe(encryption, { host: () => host, section: expected, now });
    return concludeCheck(seen, { exceptions: [], now });
  });
}

for (const [title, verdict, found, changes, section = mine] of cases) {
  test(`${title}: ${verdict}`, async () => {
    const state = await look(changes, section);
    assert.equal({ verdict: state.verdict, found: summary(state) }, { verdict, found });
    // No folder, data set or mapping that the baseline does not declare enters evidence.
    assert.not.match(JSON.stringify(state), /alice|PATIENTS|cryptroot|vg-root/);
  });
}

const good = {
  version: 2,
  uuid: UUID,
  ciphers: ['aes-xts-plain64'],
  key_slot_ciphers: ['aes-xts-plain64'],
  key_bits: 512,
  key_slots: [0],
  integrity: null,
  complete: true,
};
const headers: [title: string, found: string[], header: object | null, luks?: object][] = [
  ['as declared', [], {}, { key_slots: 1, min_key_bits: 512 }],
  ['no header', ['header_missing'], null],
  ['LUKS1', ['luks1'], { version: 1 }],
  ['re-encryption under way', ['partly_encrypted'], { complete: false }],
  ['a cipher that is not allowed', ['weak_cipher'], { ciphers: ['aes-cbc-plain'] }],
  ['a null cipher around the key', ['weak_cipher'], { key_slot_ciphers: ['cipher_null-ecb'] }],
  ['another cipher than declared', ['weak_cipher'], {}, { cipher: 'serpent-xts-plain64' }],
  ['a short key', ['short_key'], { key_bits: 256 }, { min_key_bits: 512 }],
  ['a slot too many', ['unexpected_key_slot'], { key_slots: [0, 3] }, { key_slots: 1 }],
  [
    'other slots',
    ['unexpected_key_slot', 'key_slot_missing'],
    { key_slots: [3] },
    { key_slots: [0] },
  ],
];
for (const [title, rules, header, device] of headers) {
  test(`header: ${title}`, async () => {
    const volumes = [{ name: 'root', header: header && { ...good, ...header } }];
    const section = { ...mine, luks: [{ name: 'root', device: '/dev/sda2', ...device }] };
    const state = await look({ volumes: { volumes } }, section);
    assert.equal(
      summary(state),
      rules.map((rule) => `${rule} root`),
    );
  });
}

test('a header of a probe that says more than it may is malformed', async () => {
  const volumes = { volumes: [{ name: 'root', header: { ...good, salt: 'b944' } }] };
  const state = await look({ volumes }, { ...mine, luks: [{ name: 'root', device: '/dev/sda2' }] });
  assert.equal(summary(state), ['header_not_seen root']);
});

test.run();
