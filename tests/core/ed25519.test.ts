import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  acceptablePublicKey,
  createPlatformSigner,
  createPlatformVerifier,
  createSigner,
  createVerifier,
} from '../../agent/src/core/ed25519.ts';
import { SMALL_ORDER } from '../support/vectors.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
// RFC 8032 section 7.1, TEST 2 and TEST 3
const PUBLISHED = [
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
];
/** A point of full order, spelled with y ≥ p. */
const Y_BEYOND_P = 'f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f';
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const IMPLEMENTATIONS = [
  ['tweetnacl', createSigner, createVerifier],
  ['the platform', createPlatformSigner, createPlatformVerifier],
] as const;

for (const [name, signer, verifier] of IMPLEMENTATIONS) {
  test(`${name} makes and accepts the published signatures`, () => {
    for (const { seed, publicKey, message, signature } of PUBLISHED) {
      const key = signer(hex(seed));
      assert.equal(Buffer.from(key.publicKey).toString('hex'), publicKey);
      assert.equal(Buffer.from(key.sign(hex(message))).toString('hex'), signature);
      assert.is(verifier(hex(publicKey)).verify(hex(message), hex(signature)), true);
    }
  });

  test(`${name} refuses another message, a flipped bit, another length and S + L`, () => {
    const { publicKey, message, signature } = PUBLISHED[0] as (typeof PUBLISHED)[number];
    const { verify } = verifier(hex(publicKey));
    const good = hex(signature);
    const flipped = good.map((byte, at) => (at === 3 ? byte ^ 1 : byte));
    assert.is(verify(hex('73'), good), false);
    assert.is(verify(hex(message), flipped), false);
    assert.is(verify(hex(message), good.subarray(0, 63)), false);
    assert.is(verify(hex(message), new Uint8Array(0)), false);
    assert.is(verify(hex(message), addToScalar(good, L)), false);
  });

  test(`${name} takes no key of small order and none that is written in two ways`, () => {
    for (const key of [...SMALL_ORDER, Y_BEYOND_P])
      assert.throws(() => verifier(hex(key)), /unacceptable public key/, key);
  });
}

test('a key of another length is none', () => {
  assert.is(acceptablePublicKey(new Uint8Array(31).fill(9)), false);
  assert.is(acceptablePublicKey(new Uint8Array(33).fill(9)), false);
});

function addToScalar(signature: Uint8Array, amount: bigint): Uint8Array {
  const scalar = Buffer.from(signature.subarray(32)).reverse().toString('hex');
  const sum = (BigInt(`0x${scalar}`) + amount).toString(16).padStart(64, '0');
  return Uint8Array.from([...signature.subarray(0, 32), ...Buffer.from(sum, 'hex').reverse()]);
}

test.run();
