import { readFileSync } from 'node:fs';
import { createVerifier, SIGNATURE_BYTES } from '../../../core/ed25519.ts';
import { parsePublicKey } from '../../../core/keys.ts';
import { parseSignatureText } from '../../../core/record.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { InputError } from '../../../wire/input.ts';

type VerifyOptions = { readonly publicKey: string; readonly signature: string };

/** A key that cannot be used, as one of small order, verifies nothing: exit 1. A file that is missing is wrong use. */
export function verifyFile(file: string, { publicKey, signature }: VerifyOptions): void {
  const verifier = createVerifier(usable(read(publicKey), publicKey));
  const holds = verifier.verify(read(file), parseSignature(read(signature)));
  if (!holds) throw new Exit(EXIT.failed, `${file}: the signature does not hold`);
  console.log(`${file}: signed by key ${verifier.keyId}`);
}

function usable(contents: Buffer, file: string): Uint8Array {
  try {
    return parsePublicKey(contents, file);
  } catch (error) {
    throw new Exit(EXIT.failed, error instanceof Error ? error.message : String(error));
  }
}

function parseSignature(contents: Buffer): Uint8Array {
  if (contents.length === SIGNATURE_BYTES) return contents;
  return parseSignatureText(contents.toString('latin1')) ?? new Uint8Array(0);
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const found = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error';
    throw new InputError(file, [{ field: '', found, expected: 'expected a readable file' }]);
  }
}
