import { canonicalBytes } from '../../wire/canonical.ts';
import { ReceiptPayload } from '../../wire/envelope.ts';
import type { Bundle } from '../../wire/evidence.ts';
import { decodeJson } from '../json.ts';

/** What a receipt says of the bundle that it lies beside; null where it is of another one, or no receipt at all. */
export function receiptFor(
  receipt: Uint8Array,
  { bundle, sha256 }: { bundle: Bundle; sha256: string },
): ReceiptPayload | null {
  const payload = ReceiptPayload.safeParse(decodeJson(receipt)).data;
  const fits =
    payload?.bundle_sha256 === sha256 &&
    payload.host_id === bundle.host_id &&
    payload.chain_id === bundle.chain_id &&
    payload.sequence === bundle.sequence &&
    canonicalBytes(payload).equals(receipt);
  return fits ? payload : null;
}
