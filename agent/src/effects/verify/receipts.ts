import type { Verifier } from '../../core/ed25519.ts';
import { parseSignatureText } from '../../core/record.ts';
import { receiptFor } from '../../core/report/received.ts';
import type { ReceiptPayload } from '../../wire/envelope.ts';
import type { Bundle } from '../../wire/evidence.ts';
import { readReceipt } from '../store/folders.ts';

/** What the receipt beside a bundle proves. `fits`: it is of this bundle; no key is pinned to say who signed it. */
export type ReceiptSeen =
  | { readonly kind: 'receipt' | 'receipt_key' }
  | { readonly kind: 'fits' | 'verified'; readonly payload: ReceiptPayload };

/** Judges the two receipt files of a bundle that has at least the signature: of these bytes, at this place of the chain, and signed by a pinned key. */
export function judgeReceipt(
  folder: string,
  {
    bundle,
    sha256,
    receiptKeys,
  }: { bundle: Bundle; sha256: string; receiptKeys: readonly Verifier[] | null },
): ReceiptSeen {
  const receipt = readReceipt(folder);
  const signature = receipt && parseSignatureText(receipt.signature);
  const payload = receipt && receiptFor(receipt.bytes, { bundle, sha256 });
  if (receipt === null || !signature || payload === null) return { kind: 'receipt' };
  if (receiptKeys === null) return { kind: 'fits', payload };
  const held = receiptKeys.some((key) => key.verify(receipt.bytes, signature));
  return held ? { kind: 'verified', payload } : { kind: 'receipt_key' };
}

/** How many bundles have which receipt. */
export type ReceiptCounts = Record<'absent' | 'fits' | 'verified', number>;
