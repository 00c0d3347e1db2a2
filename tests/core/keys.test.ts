import { generateKeyPairSync } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSigner } from '../../agent/src/core/ed25519.ts';
import {
  parsePublicKey,
  parsePublicKeys,
  parseSeed,
  publicKeyToPem,
  seedToPem,
} from '../../agent/src/core/keys.ts';

const seed = new Uint8Array(32).map((_, at) => at);
const { publicKey } = createSigner(seed);
const bytes = (text: string) => Buffer.from(text);

test('a seed is read back from raw bytes and from PEM', () => {
  assert.equal(parseSeed(seed, 'f'), seed);
  assert.equal(parseSeed(bytes(seedToPem(seed)), 'f'), seed);
});

test('a public key is read back from raw bytes and from PEM', () => {
  assert.equal(parsePublicKey(publicKey, 'f'), publicKey);
  assert.equal(parsePublicKey(bytes(publicKeyToPem(publicKey)), 'f'), publicKey);
});

test('a list of pinned keys keeps its order', () => {
  const other = createSigner(new Uint8Array(32).fill(9)).publicKey;
  const list = bytes(`# first\n${publicKeyToPem(other)}\n# second\n${publicKeyToPem(publicKey)}`);
  assert.equal(parsePublicKeys(list, 'f'), [other, publicKey]);
  assert.throws(() => parsePublicKey(list, 'f'), /found 2 keys/);
});

const ec = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const smallOrder = new Uint8Array(32);

const wrong: [title: string, read: () => unknown, words: RegExp][] = [
  ['31 bytes', () => parseSeed(seed.subarray(1), '/k'), /\/k: key: found 31 bytes, expected 32/],
  ['an empty file', () => parseSeed(new Uint8Array(0), '/k'), /found 0 bytes/],
  [
    'a public key for a seed',
    () => parseSeed(bytes(publicKeyToPem(publicKey)), '/k'),
    /found a PEM file with PUBLIC KEY/,
  ],
  [
    'a seed for a public key',
    () => parsePublicKey(bytes(seedToPem(seed)), '/k'),
    /found a PEM file with PRIVATE KEY/,
  ],
  ['a key of another curve', () => parseSeed(bytes(ec.privateKey), '/k'), /found a key of type ec/],
  [
    'a public key of another curve',
    () => parsePublicKey(bytes(ec.publicKey), '/k'),
    /found a key of type ec/,
  ],
  [
    'PEM that is no key',
    () => parseSeed(bytes('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'), '/k'),
    /cannot be decoded/,
  ],
  [
    'half a PEM block',
    () => parseSeed(bytes('-----BEGIN PRIVATE KEY-----\nAAAAAAAA'), '/k'),
    /PRIVATE KEY/,
  ],
  ['a raw key of small order', () => parsePublicKey(smallOrder, '/k'), /unusable key/],
  [
    'a PEM key of small order',
    () => parsePublicKey(bytes(publicKeyToPem(smallOrder)), '/k'),
    /unusable key/,
  ],
];
for (const [title, read, words] of wrong) {
  test(`${title} is refused, with the file’s name`, () => assert.throws(read, words));
}

test.run();
