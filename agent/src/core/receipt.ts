import { sha256Hex } from '../wire/canonical.ts';
import { Envelope, ReceiptPayload } from '../wire/envelope.ts';
import { FailureError } from '../wire/failure.ts';
import type { Verifier } from './ed25519.ts';
import { openEnvelope } from './envelope.ts';
import { decodeJson } from './json.ts';

/** A receipt’s exact payload bytes, as `receipt.json`, and their 64-byte signature. */
export type OpenedReceipt = {
  readonly payload: ReceiptPayload;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
};

/**
 * Opens the receipt for the bytes of a bundle. With `verifiers`, the pinned receipt keys, one of them must have signed
 * it; null where none is pinned, and then TLS alone says that it is the server’s. Throws `rejected` for a receipt of
 * another bundle or key, or one that is malformed.
 */
export function openReceipt({
  receipt,
  bundle,
  verifiers,
}: {
  receipt: Envelope;
  bundle: Uint8Array;
  verifiers: readonly Verifier[] | null;
}): OpenedReceipt {
  const opened =
    verifiers === null
      ? openUnverified(receipt)
      : openEnvelope(receipt, { verifiers, schema: ReceiptPayload });
  if (opened.payload.bundle_sha256 === sha256Hex(bundle)) return opened;
  throw new FailureError('rejected', { reason: 'receipt of another bundle' });
}

function openUnverified(receipt: Envelope): OpenedReceipt {
  const envelope = Envelope.safeParse(receipt);
  const bytes = Buffer.from(envelope.data?.payload ?? '', 'base64');
  const payload = ReceiptPayload.safeParse(decodeJson(bytes));
  if (!envelope.success || !payload.success) {
    throw new FailureError('rejected', { reason: 'malformed receipt' });
  }
  return {
    payload: payload.data,
    bytes,
    signature: Buffer.from(envelope.data.signature, 'base64'),
  };
}
