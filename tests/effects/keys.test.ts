import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  generateKey,
  nextKeyFile,
  readSeed,
  readSigner,
  readSignerInForce,
} from '../../agent/src/effects/keys.ts';
import { withStateDir } from '../support/stores.ts';
import { testWith } from '../support/suite.ts';

for (const format of ['pem', 'raw'] as const) {
  test(`a generated ${format} key has mode 0600, reads back and is never overwritten`, () =>
    withStateDir((folder) => {
      const file = join(folder, 'k');
      const { keyId } = generateKey(file, { format });
      assert.is(statSync(file).mode & 0o777, 0o600);
      assert.is(readSigner(file).keyId, keyId);
      assert.throws(() => generateKey(file), /found a file that exists/);
      assert.is(readSigner(file).keyId, keyId);
    }));
}

test('a key that others may read is refused, except below the credentials folder', () =>
  withStateDir((folder) => {
    const file = join(folder, 'k');
    generateKey(file);
    for (const mode of [0o640, 0o604, 0o602, 0o660]) {
      chmodSync(file, mode);
      assert.throws(
        () => readSeed(file),
        new RegExp(`${file}: key: found mode 0${mode.toString(8)}`),
      );
    }
    chmodSync(file, 0o440);
    assert.is(readSeed(file, { credentials: folder }).length, 32);
    assert.throws(() => readSeed(file, { credentials: `${folder}-other` }), /mode 0440/);
    chmodSync(file, 0o400);
    assert.is(readSeed(file).length, 32);
  }));

testWith({ root: true }, 'root’s commands read what systemd handed to a unit', () => {
  mkdirSync('/run/credentials', { recursive: true });
  const folder = mkdtempSync('/run/credentials/test-');
  try {
    const file = join(folder, 'k');
    generateKey(file);
    chmodSync(file, 0o440); // the mask of systemd’s ACL
    assert.is(readSeed(file, { credentials: undefined }).length, 32);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

testWith(
  { root: true },
  'a key of another user is refused, unless root reads it in that user’s own folder',
  () =>
    withStateDir((folder) => {
      const file = join(folder, 'k');
      generateKey(file);
      chownSync(file, 65534, 65534);
      assert.throws(() => readSeed(file), /found owner 65534/);
      chownSync(folder, 65534, 65534);
      assert.is(readSeed(file).length, 32);
    }),
);

testWith({ root: true, tools: ['setpriv'] }, 'a key that may not be read says so', () =>
  withStateDir((folder) => {
    const file = join(folder, 'k');
    generateKey(file);
    chmodSync(folder, 0o755);
    const module = new URL('../../agent/src/effects/keys.js', import.meta.url).href;
    const script = `import(${JSON.stringify(module)}).then(({ readSeed }) => readSeed(${JSON.stringify(file)})).catch(({ message }) => console.log(message))`;
    const said = execFileSync(
      'setpriv',
      ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', script],
      { encoding: 'utf8' },
    );
    assert.match(said, /found a file that may not be read/);
  }),
);

test('what is no file, missing or endless says so', () =>
  withStateDir((folder) => {
    mkdirSync(join(folder, 'd'));
    writeFileSync(join(folder, 'long'), Buffer.alloc(100_000), { mode: 0o600 });
    assert.throws(() => readSeed(join(folder, 'd')), /expected a file/);
    assert.throws(() => readSeed(join(folder, 'none')), /found no such file/);
    assert.throws(() => readSeed(join(folder, 'long')), /found 100000 bytes/);
  }));

test('a rotation that was cut after the chain’s change of key is finished', () =>
  withStateDir((folder) => {
    const file = join(folder, 'k');
    const old = generateKey(file);
    const next = generateKey(nextKeyFile(file));
    assert.is(readSignerInForce(file, old.keyId).keyId, old.keyId);
    assert.is(readSignerInForce(file, next.keyId).keyId, next.keyId);
    assert.is(readSigner(file).keyId, next.keyId);
  }));

testWith({ tools: ['openssl'] }, 'openssl reads our keys, and we read those of openssl', () =>
  withStateDir((folder) => {
    const ours = join(folder, 'ours');
    const { publicKey } = generateKey(ours);
    const der = execFileSync('openssl', ['pkey', '-in', ours, '-pubout', '-outform', 'DER']);
    assert.equal(Uint8Array.from(der.subarray(-32)), publicKey);
    const theirs = join(folder, 'theirs');
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', theirs]);
    chmodSync(theirs, 0o600);
    const pub = execFileSync('openssl', ['pkey', '-in', theirs, '-pubout', '-outform', 'DER']);
    assert.equal(readSigner(theirs).publicKey, Uint8Array.from(pub.subarray(-32)));
    assert.ok(readFileSync(ours, 'utf8').startsWith('-----BEGIN PRIVATE KEY-----'));
  }),
);

test.run();
