import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { luksVersion, parseLuks1, parseLuks2 } from '../../../agent/src/core/storage/luks.ts';

const UUID = '92b82655-d603-49e7-94c3-64f0633aefa7';

/** What cryptsetup 2.7 printed of a fresh LUKS2 device, without what no rule reads. */
const slot = {
  type: 'luks2',
  key_size: 64,
  area: { type: 'raw', offset: '32768', encryption: 'aes-xts-plain64', key_size: 64 },
  kdf: { type: 'pbkdf2', salt: 'b944oygRfxCw+T+auJs9cmynM1GtMFNFUKq+fz3aaQg=' },
};
const segment = {
  type: 'crypt',
  offset: '16777216',
  size: 'dynamic',
  encryption: 'aes-xts-plain64',
};
const digest = {
  type: 'pbkdf2',
  keyslots: ['0'],
  segments: ['0'],
  salt: 'dU+6GZ',
  digest: '0McZGh',
};
const fresh = {
  keyslots: { '0': slot },
  tokens: {},
  segments: { '0': segment },
  digests: { '0': digest },
  config: { json_size: '12288' },
};
const read = (changes: object) => parseLuks2(JSON.stringify({ ...fresh, ...changes }), UUID);

const cases: [title: string, changes: object, expected: object][] = [
  ['a fresh device', {}, { key_bits: 512, key_slots: [0], complete: true, integrity: null }],
  [
    'an unbound slot counts as a slot, not for the key',
    { keyslots: { '0': slot, '7': { ...slot, key_size: 16 } } },
    { key_bits: 512, key_slots: [0, 7] },
  ],
  [
    'slots are in the order of their numbers',
    { keyslots: { '10': slot, '2': slot } },
    { key_slots: [2, 10] },
  ],
  [
    'a key slot of a re-encryption opens nothing',
    { keyslots: { '0': slot, '1': { ...slot, type: 'reencrypt', key_size: 1 } } },
    { key_slots: [0] },
  ],
  [
    'part of the data in the clear',
    { segments: { '0': segment, '1': { type: 'linear', offset: '0', size: 'dynamic' } } },
    { complete: false },
  ],
  [
    'the layout before a re-encryption is no data',
    { segments: { '0': segment, '1': { type: 'linear', flags: ['backup-previous'] } } },
    { complete: true },
  ],
  ['no segment at all', { segments: {} }, { complete: false, ciphers: [] }],
  [
    'authenticated encryption',
    { segments: { '0': { ...segment, integrity: { type: 'hmac(sha256)' } } } },
    { integrity: 'hmac(sha256)' },
  ],
  ['every slot gone', { keyslots: {} }, { key_slots: [], key_bits: null }],
];
for (const [title, changes, expected] of cases) {
  test(`LUKS2: ${title}`, () => {
    const header = read(changes);
    assert.equal({ ...header, ...expected }, header);
  });
}

test('nothing of a key leaves the parser', () => {
  assert.not.match(JSON.stringify(read({})), /b944|dU\+6|0McZ|salt|digest|iterations/);
});

test('bytes that are no header, and those too short for one', () => {
  assert.is(luksVersion(new Uint8Array(592)), null);
  assert.is(luksVersion(new Uint8Array(0)), null);
  assert.throws(() => parseLuks1(new Uint8Array(100)), /592/);
  assert.throws(() => parseLuks2('{}', UUID));
});

test.run();
