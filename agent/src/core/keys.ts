import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { InputError } from '../wire/input.ts';
import { acceptablePublicKey, PUBLIC_KEY_BYTES, SEED_BYTES } from './ed25519.ts';

const SPKI_BLOCK = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g;
const PKCS8_BLOCK = /^\s*-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\s*$/;

/** The 32-byte seed in a key file: raw, or PKCS#8 PEM (RFC 8410). Throws `InputError` that names `file`. */
export function parseSeed(contents: Uint8Array, file: string): Uint8Array {
  if (contents.length === SEED_BYTES) return Uint8Array.from(contents);
  const text = Buffer.from(contents).toString('latin1');
  const expected = 'expected 32 raw bytes or one PKCS#8 PEM block';
  if (!text.includes('-----BEGIN')) throw wrong(file, `${contents.length} bytes`, expected);
  if (!PKCS8_BLOCK.test(text)) throw wrong(file, `a PEM file with ${labels(text)}`, expected);
  const { d } = coordinates(() => createPrivateKey(text), file);
  return Uint8Array.from(Buffer.from(d ?? '', 'base64url'));
}

/** The raw 32-byte public keys in a file, in its order: one raw, or one or more SPKI PEM blocks (RFC 8410). */
export function parsePublicKeys(contents: Uint8Array, file: string): Uint8Array[] {
  const keys =
    contents.length === PUBLIC_KEY_BYTES ? [Uint8Array.from(contents)] : spki(contents, file);
  const refused = keys.findIndex((key) => !acceptablePublicKey(key));
  if (refused === -1) return keys;
  throw wrong(
    file,
    `an unusable key (number ${refused + 1})`,
    'expected a public key that is not of small order',
  );
}

/** As `parsePublicKeys`, where exactly one is wanted. */
export function parsePublicKey(contents: Uint8Array, file: string): Uint8Array {
  const [key, ...more] = parsePublicKeys(contents, file);
  if (key !== undefined && more.length === 0) return key;
  throw wrong(file, `${more.length + 1} keys`, 'expected one public key');
}

function spki(contents: Uint8Array, file: string): Uint8Array[] {
  const text = Buffer.from(contents).toString('latin1');
  const blocks = text.match(SPKI_BLOCK) ?? [];
  if (blocks.length === 0) {
    const found = text.includes('-----BEGIN')
      ? `a PEM file with ${labels(text)}`
      : `${contents.length} bytes`;
    throw wrong(file, found, 'expected 32 raw bytes or SPKI PEM blocks');
  }
  return blocks.map((block) =>
    Uint8Array.from(Buffer.from(coordinates(() => createPublicKey(block), file).x, 'base64url')),
  );
}

/** Seed as PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` writes it. */
export function seedToPem(seed: Uint8Array): string {
  return pem(
    'PRIVATE KEY',
    Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
  );
}

/** Public key as SPKI PEM, as `openssl pkey -pubout` writes it. */
export function publicKeyToPem(publicKey: Uint8Array): string {
  return pem(
    'PUBLIC KEY',
    Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]),
  );
}

function pem(label: string, der: Buffer): string {
  return `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`;
}

function coordinates(read: () => KeyObject, file: string): { d?: string; x: string } {
  const key = attempt(read, file);
  if (key.asymmetricKeyType !== 'ed25519')
    throw wrong(file, `a key of type ${key.asymmetricKeyType}`, 'expected an Ed25519 key');
  const { d, x } = key.export({ format: 'jwk' });
  return { ...(d === undefined ? {} : { d }), x: x ?? '' };
}

function attempt(read: () => KeyObject, file: string): KeyObject {
  try {
    return read();
  } catch (cause) {
    throw wrong(file, 'PEM that cannot be decoded', 'expected an unencrypted Ed25519 key', cause);
  }
}

function labels(text: string): string {
  const found = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,40})-----/g)].map(([, label]) => label);
  return found.length === 0 ? 'no whole block' : found.join(', ');
}

function wrong(file: string, found: string, expected: string, cause?: unknown): InputError {
  return new InputError(file, [{ field: 'key', found, expected }], { cause });
}
