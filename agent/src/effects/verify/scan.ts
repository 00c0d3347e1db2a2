import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chainEvent } from '../../core/chain.ts';
import { createPlatformVerifier, type Verifier } from '../../core/ed25519.ts';
import { openBundle } from '../../core/record.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import type { ReceiptPayload } from '../../wire/envelope.ts';
import { type Bundle, MAX_BUNDLE_BYTES } from '../../wire/evidence.ts';
import { toFailure } from '../../wire/failure.ts';
import { dayOf, listDays, names, readBundleFiles } from '../store/folders.ts';
import { rowOf } from '../store/rows.ts';
import { judgeReceipt, type ReceiptCounts, type ReceiptSeen } from './receipts.ts';
import type { Scratch, Seen } from './scratch.ts';

/** A folder below `evidence/` that is not a whole bundle in its place. `name` is its path there. */
export type FolderFault = {
  readonly kind:
    | 'altered'
    | 'incomplete'
    | 'unreadable'
    | 'malformed'
    | 'misplaced'
    | 'too_large'
    | 'receipt'
    | 'receipt_key';
  readonly name: string;
  readonly message: string;
};

const DESCRIBED: Record<FolderFault['kind'], string> = {
  altered: 'its bytes and its signature do not fit together under any key that is known',
  incomplete: 'bundle.json or bundle.sig is missing',
  unreadable: 'it cannot be read',
  malformed: 'it is signed and yet no bundle of this version',
  misplaced: 'it lies in another bundle’s folder, or under another day',
  too_large: 'it is longer than any bundle may be',
  receipt: 'the receipt beside it is incomplete, malformed or of another bundle',
  receipt_key: 'the receipt beside it is signed by none of the pinned keys',
};

/**
 * Reads every bundle below an evidence folder into `scratch`, verified before parsed. Keys that key bundles introduce
 * count from then on; what fitted no key before is tried again. Gives the faults of single bundles and their receipts.
 */
export function scanEvidence(
  evidence: string,
  {
    publicKeys,
    scratch,
    receiptKeys,
    visit = () => {},
    progress = () => {},
  }: {
    publicKeys: readonly Uint8Array[];
    scratch: Scratch;
    /** Judges receipts too; null where no key is pinned, so that only what they are of can be told. */
    receiptKeys?: readonly Verifier[] | null;
    /** Handed each bundle that holds, in no order, with its receipt where that fits. */
    visit?: (bundle: Bundle, more: { sha256: string; receipt: ReceiptPayload | null }) => void;
    /** Called with the number of bundles that a day adds, then once a bundle. */
    progress?: (step: { found?: number; done?: number }) => void;
  },
): Scanned {
  const faults: FolderFault[] = [];
  const receipts: ReceiptCounts = { absent: 0, fits: 0, verified: 0 };
  const verifiers = new Map<string, Verifier>();
  let trusted: readonly Verifier[] = [];
  const trust = (publicKey: Uint8Array): boolean => {
    const verifier = createPlatformVerifier(publicKey);
    const known = verifiers.has(verifier.keyId);
    verifiers.set(verifier.keyId, verifier);
    trusted = [...verifiers.values()];
    return !known;
  };
  for (const publicKey of publicKeys) trust(publicKey);

  let learned = false;
  const look = (name: string): void => {
    const looked = lookAt(evidence, name, { trusted, receiptKeys });
    if (looked.fault === 'altered') scratch.setAside(name);
    else if (looked.fault !== null) faults.push(describe(looked.fault, name));
    if (looked.seen === null) return;
    const { seen, bundle, receipt } = looked;
    for (const key of namedKeys(seen)) learned = trust(key) || learned;
    scratch.add(seen);
    if (receipt === null) return;
    if (receipt.kind === 'receipt' || receipt.kind === 'receipt_key')
      faults.push(describe(receipt.kind, name));
    else receipts[receipt.kind] += 1;
    visit(bundle, {
      sha256: seen.row.sha256,
      receipt: 'payload' in receipt ? receipt.payload : null,
    });
  };

  for (const day of listDays(evidence)) {
    const found = names(join(evidence, day), /^[^.]/);
    progress({ found: found.length });
    for (const name of found) {
      look(`${day}/${name}`);
      progress({ done: 1 });
    }
  }
  while (learned) {
    learned = false;
    for (const name of scratch.takeAside()) look(name);
  }
  faults.push(...scratch.takeAside().map((name) => describe('altered', name)));
  return { faults, receipts };
}

export type Scanned = {
  readonly faults: readonly FolderFault[];
  readonly receipts: ReceiptCounts;
};

const ABSENT = { kind: 'absent' } as const;

/** One folder looked at: what is wrong with it, or what it holds. `receipt` is null where none was asked for. */
export type Looked =
  | { readonly fault: FolderFault['kind']; readonly seen: null }
  | {
      readonly fault: null;
      readonly seen: Seen;
      readonly bundle: Bundle;
      readonly receipt: ReceiptSeen | typeof ABSENT | null;
    };

/** Verifies one bundle before it is parsed, and judges the receipt beside it unless `receiptKeys` is undefined. */
export function lookAt(
  evidence: string,
  name: string,
  {
    trusted,
    receiptKeys,
  }: { trusted: readonly Verifier[]; receiptKeys: readonly Verifier[] | null | undefined },
): Looked {
  const folder = join(evidence, name);
  const wrong = (fault: FolderFault['kind']): Looked => ({ fault, seen: null });
  try {
    const { bytes, signature } = readBundleFiles(folder, MAX_BUNDLE_BYTES);
    const opened = openBundle({ bytes, signature, verifiers: trusted });
    if (!opened.ok) return wrong(opened.reason === 'signature' ? 'altered' : opened.reason);
    const { bundle } = opened;
    if (name !== `${dayOf(Date.parse(bundle.timestamp_end))}/${bundle.bundle_id}`)
      return wrong('misplaced');
    const receipted = existsSync(join(folder, 'receipt.sig'));
    const sha256 = sha256Hex(bytes);
    const row = rowOf(bundle, { sha256, size: bytes.length, receipted });
    const seen = { name, event: chainEvent(bundle), row };
    if (receiptKeys === undefined) return { fault: null, seen, bundle, receipt: null };
    const receipt = receipted ? judgeReceipt(folder, { bundle, sha256, receiptKeys }) : ABSENT;
    return { fault: null, seen, bundle, receipt };
  } catch (error) {
    const { code } = toFailure(error, 'verify');
    if (code === 'absent') return wrong('incomplete');
    return wrong(code === 'too_large' ? code : 'unreadable');
  }
}

/** The keys that a key bundle names, 32 raw bytes each. */
export function namedKeys({ event }: Pick<Seen, 'event'>): Uint8Array[] {
  if (event?.kind !== 'key') return [];
  return [event.pre_state, event.post_state].map(({ public_key }) =>
    Uint8Array.from(Buffer.from(public_key, 'base64')),
  );
}

export function describe(kind: FolderFault['kind'], name: string): FolderFault {
  return { kind, name, message: DESCRIBED[kind] };
}
