import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { createPlatformSigner, SEED_BYTES, type Signer } from '../core/ed25519.ts';
import { parsePublicKey, parsePublicKeys, parseSeed, seedToPem } from '../core/keys.ts';
import { InputError } from '../wire/input.ts';
import { syncFolder, writeDurably } from './durable.ts';

const MAX_KEY_FILE_BYTES = 64 * 1024;
/** Where systemd hands secrets to units. It closes them by ACL, whose mask a file’s mode shows as its group’s rights. */
const UNITS_CREDENTIALS = '/run/credentials';

/**
 * The seed in a private key file. It must belong to this process’s user or root (for root: or to the owner of its
 * folder) and be closed to everybody else (mode 0600 or stricter); files below `$CREDENTIALS_DIRECTORY` are exempt, as
 * systemd guards them (systemd.exec(5)), and for root’s commands, which no unit runs, those of any unit.
 */
export function readSeed(
  file: string,
  { credentials = process.env.CREDENTIALS_DIRECTORY }: { credentials?: string | undefined } = {},
): Uint8Array {
  return parseSeed(readPrivate(file, credentials), file);
}

function readPrivate(file: string, credentials: string | undefined): Buffer {
  const exempt = [credentials ?? [], UNITS_CREDENTIALS]
    .flat()
    .some((folder) => resolve(file).startsWith(resolve(folder) + sep));
  return readKeyFile(file, (status) => {
    if (!exempt) refuseOpenFile(file, status);
  });
}

/** A shared secret, kept like a private key; one newline at its end is not part of it. */
export function readSecret(
  file: string,
  { credentials = process.env.CREDENTIALS_DIRECTORY }: { credentials?: string | undefined } = {},
): Buffer {
  const secret = readPrivate(file, credentials);
  const end = secret.at(-1) === 0x0a ? -1 : secret.length;
  if (secret.subarray(0, end).length === 0)
    throw wrongFile(file, 'an empty file', 'expected a secret');
  return secret.subarray(0, end);
}

/** The signer of a private key file. */
export function readSigner(file: string, options?: { credentials?: string | undefined }): Signer {
  return createPlatformSigner(readSeed(file, options));
}

/** The one public key in a file: 32 raw bytes or SPKI PEM. */
export function readPublicKey(file: string): Uint8Array {
  return parsePublicKey(readKeyFile(file), file);
}

/** All public keys in a file, in its order: a pinned list of several PEM blocks. */
export function readPublicKeys(file: string): Uint8Array[] {
  return parsePublicKeys(readKeyFile(file), file);
}

/** Writes a fresh key as PKCS#8 PEM or 32 raw bytes, mode 0600, durably. Throws `InputError` where the file exists. */
export function generateKey(
  file: string,
  { format = 'pem' }: { format?: 'pem' | 'raw' } = {},
): Signer {
  const seed = randomBytes(SEED_BYTES);
  writeNew(file, format === 'pem' ? Buffer.from(seedToPem(seed)) : seed);
  return createPlatformSigner(seed);
}

/** The signer of a key file, which is made on the first start. */
export function ensureSigner(file: string): Signer {
  return existsSync(file) ? readSigner(file) : generateKey(file);
}

/** Where a rotation keeps the new key until the old one has handed over. */
export const nextKeyFile = (file: string): string => `${file}.next`;

/**
 * The signer that a store’s chain expects (`inForce`, its key id; null for an empty store). A rotation that was cut
 * between the chain’s change of key and the file’s is finished here.
 */
export function readSignerInForce(file: string, inForce: string | null): Signer {
  const signer = readSigner(file);
  const next = nextKeyFile(file);
  if (inForce === null || signer.keyId === inForce || !existsSync(next)) return signer;
  const successor = readSigner(next);
  if (successor.keyId !== inForce) return signer;
  replaceKey(file);
  return successor;
}

/** Puts the new key of a rotation in the old one’s place. */
export function replaceKey(file: string): void {
  renameSync(nextKeyFile(file), file);
  syncFolder(dirname(file));
}

type Status = { readonly uid: number; readonly mode: number };

function readKeyFile(file: string, judge: (status: Status) => void = () => {}): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (cause) {
    throw unreadable(file, cause);
  }
  try {
    const status = fstatSync(descriptor); // of what was opened, not of what the path names by now
    if (!status.isFile()) throw wrongFile(file, 'something that is no file', 'expected a file');
    if (status.size > MAX_KEY_FILE_BYTES)
      throw wrongFile(file, `${status.size} bytes`, 'expected a key');
    judge(status);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function refuseOpenFile(file: string, { uid, mode }: Status): void {
  const open = mode & 0o077;
  if (open !== 0) {
    const found = `mode 0${(mode & 0o7777).toString(8)}`;
    throw wrongFile(file, found, 'expected mode 0600 or stricter, as others could read the key');
  }
  const own = process.geteuid?.() ?? 0;
  // Root's commands read the agent's own key, in the agent's own folder.
  const holder = own === 0 ? statSync(dirname(file)).uid : own;
  if (uid !== own && uid !== 0 && uid !== holder)
    throw wrongFile(file, `owner ${uid}`, `expected owner ${own}, this process’s user, or root`);
}

function unreadable(file: string, cause: unknown): InputError {
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error';
  const words: Record<string, string> = {
    ENOENT: 'no such file',
    EACCES: 'a file that may not be read',
    EISDIR: 'a folder',
  };
  return wrongFile(file, words[errno] ?? errno, 'expected a readable key', cause);
}

function writeNew(file: string, contents: Buffer): void {
  try {
    writeDurably(file, contents, 0o600);
    syncFolder(dirname(file));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw wrongFile(file, 'a file that exists', 'expected a new file: no key is overwritten');
    throw unreadable(file, cause);
  }
}

function wrongFile(file: string, found: string, expected: string, cause?: unknown): InputError {
  return new InputError(file, [{ field: 'key', found, expected }], { cause });
}
