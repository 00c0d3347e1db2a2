import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chainEvent } from '../../core/chain.ts';
import { createPlatformVerifier, type Verifier } from '../../core/ed25519.ts';
import { openBundle } from '../../core/record.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import type { ReceiptPayload } from '../../wire/envelope.ts';
import { type Bundle, MAX_BUNDLE_BYTES } from '../../wire/evidence.ts';
import { toFailure } from '../../wire/failure.ts';
import type { NamedKey } from '../../wire/lineage.ts';
import { dayOf, listDays, names, readBundleFiles } from '../store/folders.ts';
import { rowOf } from '../store/rows.ts';
import { judgeReceipt, type ReceiptCounts } from './receipts.ts';
import type { Scratch } from './scratch.ts';

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
    const seen = readOne(evidence, name, trusted);
    if ('fault' in seen) {
      if (seen.fault === 'altered') scratch.setAside(name);
      else faults.push(describe(seen.fault, name));
      return;
    }
    const { bundle, sha256, size, receipted } = seen;
    const event = chainEvent(bundle);
    if (event?.kind === 'key')
      for (const key of [event.pre_state, event.post_state])
        learned = trust(rawKey(key)) || learned;
    scratch.add({ name, event, row: rowOf(bundle, { sha256, size, receipted }) });
    if (receiptKeys === undefined) return;
    const judged = receipted
      ? judgeReceipt(join(evidence, name), { bundle, sha256, receiptKeys })
      : ABSENT;
    if (judged.kind === 'receipt' || judged.kind === 'receipt_key')
      faults.push(describe(judged.kind, name));
    else receipts[judged.kind] += 1;
    visit(bundle, { sha256, receipt: 'payload' in judged ? judged.payload : null });
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

type One =
  | {
      readonly bundle: Bundle;
      readonly sha256: string;
      readonly size: number;
      readonly receipted: boolean;
    }
  | { readonly fault: FolderFault['kind'] };

function readOne(evidence: string, name: string, verifiers: readonly Verifier[]): One {
  const folder = join(evidence, name);
  try {
    const { bytes, signature } = readBundleFiles(folder, MAX_BUNDLE_BYTES);
    const opened = openBundle({ bytes, signature, verifiers });
    if (!opened.ok) return { fault: opened.reason === 'signature' ? 'altered' : opened.reason };
    const { bundle } = opened;
    if (name !== `${dayOf(Date.parse(bundle.timestamp_end))}/${bundle.bundle_id}`)
      return { fault: 'misplaced' };
    const receipted = existsSync(join(folder, 'receipt.sig'));
    return { bundle, sha256: sha256Hex(bytes), size: bytes.length, receipted };
  } catch (error) {
    const { code } = toFailure(error, 'verify');
    if (code === 'absent') return { fault: 'incomplete' };
    return { fault: code === 'too_large' ? code : 'unreadable' };
  }
}

function rawKey({ public_key }: NamedKey): Uint8Array {
  return Uint8Array.from(Buffer.from(public_key, 'base64'));
}

function describe(kind: FolderFault['kind'], name: string): FolderFault {
  return { kind, name, message: DESCRIBED[kind] };
}
