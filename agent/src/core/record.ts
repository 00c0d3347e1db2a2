import { canonicalBytes } from '../wire/canonical.ts';
import {
  Bundle,
  type Draft,
  EVIDENCE_TYPE,
  EVIDENCE_VERSION,
  type HostContext,
  type Link,
  MAX_BUNDLE_BYTES,
  ParsedBundle,
} from '../wire/evidence.ts';
import { FailureError } from '../wire/failure.ts';
import { fieldIssues } from '../wire/input.ts';
import type { Json } from '../wire/primitives.ts';
import type { Verifier } from './ed25519.ts';
import { decodeJson } from './json.ts';
import { isPlainBundle } from './plain-bundle.ts';
import { parseSignatureText } from './signature-text.ts';

export { parseSignatureText, signatureText } from './signature-text.ts';

/** What is to be recorded and where it stands in the chain. */
export type Recording = {
  readonly bundleId: string;
  readonly draft: Draft;
  readonly context: HostContext;
  readonly link: Link;
};

/** The exact bytes of `bundle.json`: what is signed, stored, sent and verified (DESIGN promise 8). */
export function bundleBytes({ bundleId, draft, context, link }: Recording): Buffer {
  const value = {
    type: EVIDENCE_TYPE,
    version: EVIDENCE_VERSION,
    bundle_id: bundleId,
    ...context,
    ...draft,
    ...link,
  };
  const bundle = Bundle.safeParse(value);
  if (!bundle.success) {
    const issues = fieldIssues(bundle.error, value);
    const message = issues.map(({ field, expected }) => `${field}: ${expected}`).join('; ');
    throw new FailureError('internal', { where: 'record' }, { message });
  }
  const bytes = canonicalBytes(bundle.data as Json);
  if (bytes.length > MAX_BUNDLE_BYTES)
    throw new FailureError('too_large', { limit: MAX_BUNDLE_BYTES, where: 'record' });
  return bytes;
}

export type OpenedBundle =
  | { readonly ok: true; readonly bundle: Bundle; readonly keyId: string }
  | { readonly ok: false; readonly reason: 'too_large' | 'signature' | 'malformed' };

/**
 * Verifies, then parses: bytes whose signature fits none of `verifiers` are never looked into. `signature` is the text
 * of `bundle.sig`. A bundle must name the key that signed it.
 */
export function openBundle({
  bytes,
  signature,
  verifiers,
}: {
  bytes: Uint8Array;
  signature: string;
  verifiers: readonly Verifier[];
}): OpenedBundle {
  if (bytes.length > MAX_BUNDLE_BYTES) return { ok: false, reason: 'too_large' };
  const raw = parseSignatureText(signature);
  const verifier = raw && verifiers.find((candidate) => candidate.verify(bytes, raw));
  if (!verifier) return { ok: false, reason: 'signature' };
  const value = decodeJson(bytes);
  const bundle = isPlainBundle(value) ? value : ParsedBundle.safeParse(value).data;
  if (bundle?.key_id !== verifier.keyId) return { ok: false, reason: 'malformed' };
  return { ok: true, bundle, keyId: verifier.keyId };
}
