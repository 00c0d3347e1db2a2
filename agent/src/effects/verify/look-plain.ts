import { existsSync } from 'node:fs';
import type { Verifier } from '../../core/ed25519-platform.ts';
import { decodeJson } from '../../core/json.ts';
import { isPlainBundle } from '../../core/plain-bundle.ts';
import { parseSignatureText } from '../../core/signature-text.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import type { Bundle } from '../../wire/evidence.ts';
import { dayIn, readShortFiles } from '../store/folders.ts';
import { rowOf } from '../store/rows.ts';
import type { FolderFault } from './faults.ts';
import type { judgeReceipt, ReceiptSeen } from './receipts.ts';
import type { Seen } from './runs.ts';

/** One folder looked at: what is wrong with it, or what it holds. `receipt` is null where none was asked for. */
export type Looked =
  | { readonly fault: FolderFault['kind']; readonly seen: null }
  | {
      readonly fault: null;
      readonly seen: Seen;
      readonly bundle: Bundle;
      readonly receipt: ReceiptSeen | { readonly kind: 'absent' } | null;
    };

export type LookOptions = {
  readonly trusted: readonly Verifier[];
  /** Null where no key is pinned, so that only what receipts are of can be told; undefined where none is looked at. */
  readonly receiptKeys: readonly Verifier[] | null | undefined;
};

/** Records that change how a chain goes on (`chainEvent`). */
const CHAIN_EVENTS: readonly string[] = ['key', 'chain', 'retention'];

export const ABSENT = { kind: 'absent' } as const;

/**
 * As `lookAt`, of an ordinary bundle: verified before it is parsed, told without schemas, which need not even be loaded.
 * Null of every other one, and where there is a receipt to be judged and no `judge`: `lookAt` is to say.
 */
export function lookPlain(
  evidence: string,
  name: string,
  { trusted, receiptKeys }: LookOptions,
  judge?: typeof judgeReceipt,
): Looked | null {
  const folder = `${evidence}/${name}`;
  try {
    const files = readShortFiles(folder);
    if (files === null) return null;
    const signature = parseSignatureText(files.signature);
    const key = signature && trusted.find((key) => key.verify(files.bytes, signature));
    if (!key) return { fault: 'altered', seen: null };
    const bundle = decodeJson(files.bytes);
    if (!isPlainBundle(bundle) || bundle.key_id !== key.keyId) return null;
    if (CHAIN_EVENTS.includes(bundle.check)) return null;
    const sha256 = sha256Hex(files.bytes);
    const receipted = existsSync(`${folder}/receipt.sig`);
    const row = rowOf(bundle, { sha256, size: files.bytes.length, receipted });
    if (name !== `${dayIn(bundle.timestamp_end)}/${bundle.bundle_id}`) return null;
    const seen = { name, event: null, row };
    if (receiptKeys === undefined) return { fault: null, seen, bundle, receipt: null };
    if (!receipted) return { fault: null, seen, bundle, receipt: ABSENT };
    const receipt = judge?.(folder, { bundle, sha256, receiptKeys });
    return receipt ? { fault: null, seen, bundle, receipt } : null;
  } catch {
    return null; // `lookAt` says what it was
  }
}
