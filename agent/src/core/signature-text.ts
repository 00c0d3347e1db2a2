import { SIGNATURE_BYTES } from './ed25519-form.ts';

/** The text of a `.sig` file: base64 of 64 bytes and a newline (DESIGN 6a). */
export function signatureText(signature: Uint8Array): string {
  return `${Buffer.from(signature).toString('base64')}\n`;
}

/** The 64 bytes of a `.sig` file, or null where it is not exactly of that form; the newline may be missing. */
export function parseSignatureText(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64'); // which passes over what is no base64
  if (bytes.length !== SIGNATURE_BYTES) return null;
  const exact = bytes.toString('base64');
  return text === exact || text === `${exact}\n` ? bytes : null;
}
