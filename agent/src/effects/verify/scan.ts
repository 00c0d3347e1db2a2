import type { Verifier } from '../../core/ed25519.ts';
import type { ReceiptPayload } from '../../wire/envelope.ts';
import type { Bundle } from '../../wire/evidence.ts';
import {
  type Answer,
  createAnswer,
  createKeyring,
  gather,
  type Progress,
  type Scanned,
  type Task,
} from './gather.ts';
import { lookAt } from './look.ts';
import type { Scratch } from './scratch.ts';

type LookOptions = {
  /** Judges receipts too; null where no key is pinned, so that only what they are of can be told. */
  readonly receiptKeys?: readonly Verifier[] | null;
  /** Handed each bundle that holds, in no order, with its receipt where that fits. */
  readonly visit?: (
    bundle: Bundle,
    more: { readonly sha256: string; readonly receipt: ReceiptPayload | null },
  ) => void;
};

/**
 * Reads every bundle below an evidence folder into `scratch`, verified before parsed. Keys that key bundles introduce
 * count soon after; what fitted no key before is tried again. Gives the faults of single bundles and their receipts.
 */
export function scanEvidence(
  evidence: string,
  {
    publicKeys,
    scratch,
    progress,
    ...options
  }: LookOptions & {
    readonly publicKeys: readonly Uint8Array[];
    readonly scratch: Scratch;
    /** Called with the number of bundles that a day adds, then with those that are done. */
    readonly progress?: Progress;
  },
): Scanned {
  const look = createLook(evidence, options);
  const gathered = gather(evidence, { publicKeys, scratch, progress });
  for (let task = gathered.next(); task !== null; task = gathered.next())
    gathered.keep(task, look(task));
  return gathered.end(look);
}

/** Looks at one task after the other. */
export function createLook(
  evidence: string,
  { receiptKeys, visit = () => {} }: LookOptions,
): (task: Task) => Answer {
  const keyring = createKeyring();
  return ({ folders, trusted }) => {
    const options = { trusted: keyring(trusted), receiptKeys };
    const answer = createAnswer();
    for (const name of folders) {
      const looked = lookAt(evidence, name, options);
      answer.add(name, looked);
      if (looked.seen === null) continue;
      const { bundle, seen, receipt } = looked;
      const payload = receipt !== null && 'payload' in receipt ? receipt.payload : null;
      visit(bundle, { sha256: seen.row.sha256, receipt: payload });
    }
    return answer.end();
  };
}
