import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import nacl from 'tweetnacl';

type KeyFile = { N: number; r: number; p: number; salt: string; data: string };

/**
 * Gives a fresh repository a key that opens at once: restic has no option for scrypt’s cost, and spends half a second
 * on each command. The same master key is sealed again under the same password (restic design, section “Keys”).
 */
export function cheapenKey(repository: string, password: string): void {
  const folder = join(repository, 'keys');
  const [name = ''] = readdirSync(folder);
  const file: KeyFile = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const sealed = Buffer.from(file.data, 'base64');
  const nonce = sealed.subarray(0, 16);
  const decipher = createDecipheriv('aes-256-ctr', derive(file, password).encrypt, nonce);
  const master = decipher.update(sealed.subarray(16, -16));

  const cheap = { ...file, N: 1024, r: 8, p: 1 };
  const text = JSON.stringify({ ...cheap, data: seal(master, derive(cheap, password)) });
  rmSync(join(folder, name), { force: true });
  writeFileSync(join(folder, createHash('sha256').update(text).digest('hex')), text);
}

function derive({ N, r, p, salt }: KeyFile, password: string) {
  const cost = { N, r, p, maxmem: 256 * N * r };
  const key = scryptSync(password, Buffer.from(salt, 'base64'), 64, cost);
  return { encrypt: key.subarray(0, 32), k: key.subarray(32, 48), r: key.subarray(48) };
}

/** AES-256-CTR, then Poly1305-AES over what that gave: nonce, ciphertext, tag. */
function seal(plain: Buffer, { encrypt, k, r }: ReturnType<typeof derive>): string {
  const nonce = randomBytes(16);
  const ciphertext = createCipheriv('aes-256-ctr', encrypt, nonce).update(plain);
  const block = createCipheriv('aes-128-ecb', k, null).setAutoPadding(false).update(nonce);
  const tag = new Uint8Array(16);
  const { crypto_onetimeauth: poly1305 } = (nacl as unknown as Lowlevel).lowlevel;
  poly1305(tag, 0, ciphertext, 0, ciphertext.length, Buffer.concat([r, block]));
  return Buffer.concat([nonce, ciphertext, tag]).toString('base64');
}

/** Left out of tweetnacl’s own types. */
type Lowlevel = {
  lowlevel: {
    crypto_onetimeauth(
      ...call: [Uint8Array, number, message: Uint8Array, number, number, key: Uint8Array]
    ): number;
  };
};
