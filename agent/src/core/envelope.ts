import type * as z from 'zod';
import { canonicalBytes } from '../wire/canonical.ts';
import { Envelope } from '../wire/envelope.ts';
import { FailureError } from '../wire/failure.ts';
import type { Json } from '../wire/primitives.ts';
import type { Signer, Verifier } from './ed25519.ts';
import { decodeJson } from './json.ts';

/** Signs the canonical bytes of a payload, whose own `type` says what it is, and wraps them (DESIGN 6a). */
export function sealEnvelope(
  payload: { readonly type: string; readonly [field: string]: Json },
  signer: Signer,
): Envelope {
  const bytes = canonicalBytes(payload);
  return {
    payload: bytes.toString('base64'),
    signature: Buffer.from(signer.sign(bytes)).toString('base64'),
    key_id: signer.keyId,
  };
}

/** A verified envelope: the exact signed bytes, their 64-byte signature, and what they say. */
export type Opened<T> = {
  readonly payload: T;
  readonly bytes: Buffer;
  readonly signature: Buffer;
  readonly keyId: string;
};

/**
 * Opens an envelope: form, pinned key, signature over the exact bytes, and only then the payload by `schema`, which
 * fixes its `type`. Throws `rejected` with reason `malformed envelope`, `unknown key`, `signature` or `payload`.
 */
export function openEnvelope<T>(
  input: unknown,
  { verifiers, schema }: { verifiers: readonly Verifier[]; schema: z.ZodType<T> },
): Opened<T> {
  const envelope = Envelope.safeParse(input);
  if (!envelope.success) throw rejected('malformed envelope');
  const { key_id: keyId } = envelope.data;
  const verifier = verifiers.find((candidate) => candidate.keyId === keyId);
  if (verifier === undefined) throw rejected('unknown key');
  const bytes = Buffer.from(envelope.data.payload, 'base64');
  const signature = Buffer.from(envelope.data.signature, 'base64');
  if (!verifier.verify(bytes, signature)) throw rejected('signature');
  const payload = schema.safeParse(decodeJson(bytes));
  if (!payload.success) throw rejected('payload');
  return { payload: payload.data, bytes, signature, keyId };
}

function rejected(reason: string): FailureError {
  return new FailureError('rejected', { reason });
}
