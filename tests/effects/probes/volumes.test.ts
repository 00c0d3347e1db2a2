import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Volume, Volumes } from '../../../agent/src/core/storage/luks-schema.ts';
import { probeVolumes } from '../../../agent/src/effects/probes/volumes.ts';
import { testWith } from '../../support/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'volumes-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const quick = ['--batch-mode', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];

/** Real headers on a file: no mapping is made, so nothing of the machine is touched. */
function cryptsetup(...args: string[]): string {
  return execFileSync('cryptsetup', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function image(name: string, ...format: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  truncateSync(path, 32 * 1024 * 1024);
  const key = join(folder, `${name}.key`);
  writeFileSync(key, `key of ${name}`);
  cryptsetup('luksFormat', ...quick, '--key-file', key, ...format, path);
  return path;
}

async function look(...devices: string[]): Promise<Volume[]> {
  const luks = devices.map((device, index) => ({ name: `disk${index}`, device }));
  const answer = await probeVolumes({
    root: '/',
    section: { luks },
    signal: new AbortController().signal,
  });
  return Volumes.parse(answer).volumes;
}

async function header(device: string) {
  const [volume] = await look(device);
  assert.ok(volume !== undefined && 'header' in volume && volume.header !== null);
  return volume.header;
}

const tools = { tools: ['cryptsetup'] };
const AES = ['aes-xts-plain64'];

testWith(
  tools,
  'LUKS2: version, cipher, key size, slots and uuid, and nothing of a key',
  async () => {
    const path = image('luks2', '--type', 'luks2', '--key-size', '512');
    const found = await header(path);
    assert.equal(found, {
      version: 2,
      uuid: cryptsetup('luksUUID', path).trim(),
      ciphers: AES,
      key_slot_ciphers: AES,
      key_bits: 512,
      key_slots: [0],
      integrity: null,
      complete: true,
    });
  },
);

testWith(tools, 'a key slot that somebody adds is seen', async () => {
  const path = image('slots', '--type', 'luks2');
  writeFileSync(join(folder, 'second'), 'another');
  const key = join(folder, 'slots.key');
  cryptsetup(
    'luksAddKey',
    ...quick,
    '--key-slot',
    '5',
    '--key-file',
    key,
    path,
    join(folder, 'second'),
  );
  assert.equal((await header(path)).key_slots, [0, 5]);
  cryptsetup('luksKillSlot', '--batch-mode', '--key-file', key, path, '5');
  assert.equal((await header(path)).key_slots, [0]);
});

testWith(tools, 'a weak cipher and a short key are seen', async () => {
  const path = image('weak', '--type', 'luks2', '--cipher', 'aes-cbc-plain', '--key-size', '128');
  const { ciphers, key_bits: bits } = await header(path);
  assert.equal([ciphers, bits], [['aes-cbc-plain'], 128]);
});

testWith(tools, 'LUKS1 is read from its bytes', async () => {
  const path = image('luks1', '--type', 'luks1', '--key-size', '256');
  const found = await header(path);
  assert.equal(
    [found.version, found.uuid, found.ciphers, found.key_bits, found.key_slots],
    [1, cryptsetup('luksUUID', path).trim(), AES, 256, [0]],
  );
});

testWith(tools, 'an encryption that is under way is not complete', async () => {
  const path = join(folder, 'clear');
  writeFileSync(path, '');
  truncateSync(path, 64 * 1024 * 1024);
  writeFileSync(join(folder, 'clear.key'), 'key');
  cryptsetup(
    'reencrypt',
    '--encrypt',
    '--init-only',
    '--reduce-device-size',
    '32M',
    ...quick,
    '--type',
    'luks2',
    '--key-file',
    join(folder, 'clear.key'),
    path,
  );
  assert.is((await header(path)).complete, false);
});

testWith(tools, 'one device that cannot be read leaves the others readable', async () => {
  const plain = join(folder, 'plain');
  writeFileSync(plain, Buffer.alloc(4096));
  const [nothing, absent, empty] = await look(plain, join(folder, 'nosuch'), '/dev/null');
  assert.equal(nothing, { name: 'disk0', header: null });
  assert.equal(empty, { name: 'disk2', header: null });
  assert.ok(absent !== undefined && 'error' in absent && absent.error.code === 'absent');
});

testWith(tools, 'a LUKS2 header whose metadata is destroyed is an error, not a pass', async () => {
  const path = image('broken', '--type', 'luks2');
  const file = openSync(path, 'r+');
  for (const at of [4096, 16384 + 4096]) writeSync(file, Buffer.alloc(4096), 0, 4096, at);
  closeSync(file);
  const [volume] = await look(path);
  assert.ok(volume !== undefined && 'error' in volume && volume.error.code === 'tool_failed');
});

test.run();
