import type { Envelope } from '../wire/envelope.ts';
import { FailureError } from '../wire/failure.ts';
import type { ConsistencyAnswer, ProofAnswer } from '../wire/routes.ts';
import type { Verifier } from './ed25519.ts';
import { leafHash, rangeHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import { type OpenedCheckpoint, openCheckpoint } from './proof.ts';

/** What kept proofs say of a server’s log. */
export type LogReport = {
  /** Receipts that are in the log. */
  readonly included: number;
  /** Receipts of which no proof is kept. */
  readonly unproved: number;
  /** Signed states of the log that were seen, and leaves of the newest. */
  readonly states: number;
  readonly size: number;
  /** Earlier states of which no proof is kept that the newest grew from them. */
  readonly untied: readonly number[];
  readonly faults: readonly string[];
};

/**
 * Checks, with nothing but the server’s keys, that receipts are in its log and that this is one log which only grew.
 * Inclusion is fed first, then consistency in the order in which it was asked. What is signed by another key, leads
 * nowhere or tells of a rewritten log is a fault, and named.
 */
export function createLogVerifier(verifiers: readonly Verifier[]) {
  const opened = new Map<string, OpenedCheckpoint | null>();
  const states = new Map<number, OpenedCheckpoint>();
  const grown = new Set<number>();
  const faults: string[] = [];
  let included = 0;
  let unproved = 0;

  /** A checkpoint’s signature is checked once; a second root of one size is what a server shows that lies. */
  const open = (checkpoint: Envelope): OpenedCheckpoint | null => {
    const name = `${checkpoint.payload} ${checkpoint.signature} ${checkpoint.key_id}`;
    let found = opened.get(name);
    if (found === undefined) {
      found = openOrNull(checkpoint, verifiers);
      opened.set(name, found);
      if (found === null) faults.push('a checkpoint is signed by none of the pinned keys');
      else note(found);
    }
    return found;
  };
  const note = (state: OpenedCheckpoint): void => {
    const { size, root } = state.tree;
    const [first = state] = states.values();
    const known = states.get(size);
    if (first.payload.log_id !== state.payload.log_id) {
      faults.push(`a checkpoint of ${size} leaves is of another log`);
    } else if (known !== undefined && Buffer.compare(known.tree.root, root) !== 0) {
      faults.push(`the server signed two logs of ${size} leaves that differ`);
    } else states.set(size, state);
  };

  return {
    /** `receipt`: the exact bytes of `receipt.json`; `proof` null where none is kept. */
    inclusion({
      sha256,
      receipt,
      proof,
    }: {
      sha256: string;
      receipt: Uint8Array;
      proof: ProofAnswer | null;
    }): void {
      if (proof === null) {
        unproved += 1;
        return;
      }
      const tree = open(proof.checkpoint)?.tree;
      if (tree === undefined) return;
      const path = proof.audit_path.map((hash) => Buffer.from(hash, 'hex'));
      const leaf = leafHash(receipt);
      if (verifyInclusion({ ...tree, leaf, index: proof.leaf_index, path })) included += 1;
      else faults.push(`the receipt of ${sha256} is not in the log of ${tree.size} leaves`);
    },
    /** Whether it holds. */
    consistency({ first, path, checkpoint }: ConsistencyAnswer): boolean {
      const earlier = first === 0 ? EMPTY : states.get(first)?.tree;
      const later = open(checkpoint)?.tree;
      if (later === undefined) return false;
      if (earlier === undefined) {
        faults.push(`no checkpoint of ${first} leaves is kept, from which the log grew`);
        return false;
      }
      grown.add(first);
      const hashes = path.map((hash) => Buffer.from(hash, 'hex'));
      if (verifyConsistency({ first: earlier, second: later, path: hashes })) return true;
      faults.push(`the log was rewritten between ${first} and ${later.size} leaves`);
      return false;
    },
    /** A signed state that was seen before, of which nothing is asked again. */
    state: (checkpoint: Envelope): void => void open(checkpoint),
    /** What the server itself could not prove. */
    unproven: (fault: string): void => void faults.push(fault),
    end(): LogReport {
      const sizes = [...states.keys()].sort((one, other) => one - other);
      const size = sizes.at(-1) ?? 0;
      // Each step leads to a larger state, so that whatever has one is tied to the largest.
      const untied = sizes.filter((earlier) => earlier !== size && !grown.has(earlier));
      return { included, unproved, states: sizes.length, size, untied, faults };
    },
  };
}

const EMPTY = { size: 0, root: rangeHash({ start: 0, end: 0 }, () => new Uint8Array()) };

function openOrNull(checkpoint: Envelope, verifiers: readonly Verifier[]): OpenedCheckpoint | null {
  try {
    return openCheckpoint(checkpoint, verifiers);
  } catch (error) {
    if (error instanceof FailureError) return null;
    throw error;
  }
}
