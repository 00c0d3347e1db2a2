/** What implementations of Ed25519 let pass and we do not, by arithmetic alone: it runs in browsers too. */

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

const P = 2n ** 255n - 19n;
/** Order of the base point (RFC 8032 section 5.1). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const ORDER_8_Y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
/** The y coordinates of the eight points of small order; both signs of x share one. */
const SMALL_ORDER_Y: readonly bigint[] = [0n, 1n, P - 1n, ORDER_8_Y, P - ORDER_8_Y];

/**
 * Whether 32 bytes may be used as a public key. Refused are points of small order, for which one signature fits many
 * messages, and encodings with y ≥ p, which give one key several ids (RFC 8032 section 5.1.3).
 */
export function acceptablePublicKey(raw: Uint8Array): boolean {
  if (raw.length !== PUBLIC_KEY_BYTES) return false;
  const y = littleEndian(raw) & (2n ** 255n - 1n); // the top bit is the sign of x
  return y < P && !SMALL_ORDER_Y.includes(y);
}

/** S ≥ L would make a second valid signature of the same message; tweetnacl by itself accepts it. */
export function acceptableSignature(signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  // L is a little more than 2^252: nearly every S is below that already, and then nothing is computed.
  return (signature[63] as number) < 0x10 || littleEndian(signature.subarray(32)) < L;
}

/** 32 bytes as a number. */
function littleEndian({ buffer, byteOffset }: Uint8Array): bigint {
  const view = new DataView(buffer, byteOffset, 32);
  return [24, 16, 8, 0].reduce((sum, at) => (sum << 64n) | view.getBigUint64(at, true), 0n);
}
