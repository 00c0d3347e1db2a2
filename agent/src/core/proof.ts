import { CheckpointPayload, type Envelope } from '../wire/envelope.ts';
import { FailureError } from '../wire/failure.ts';
import type { ConsistencyAnswer, ProofAnswer } from '../wire/routes.ts';
import type { Verifier } from './ed25519.ts';
import { openEnvelope } from './envelope.ts';
import { leafHash, type Tree, verifyConsistency, verifyInclusion } from './merkle.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const rejected = (reason: string) => new FailureError('rejected', { reason });

export type OpenedCheckpoint = { readonly payload: CheckpointPayload; readonly tree: Tree };

/** Opens a signed checkpoint of the server’s log. Throws `rejected`, as `openEnvelope`. */
export function openCheckpoint(
  checkpoint: Envelope,
  verifiers: readonly Verifier[],
): OpenedCheckpoint {
  const { payload } = openEnvelope(checkpoint, { verifiers, schema: CheckpointPayload });
  return { payload, tree: { size: payload.size, root: bytes(payload.root) } };
}

/**
 * Checks, with nothing but the server’s key, that a receipt is in the server’s log. Throws `rejected` where the
 * checkpoint is not the server’s or the path does not lead to it.
 */
export function openProof({
  proof,
  receipt,
  verifiers,
}: {
  proof: ProofAnswer;
  /** The exact payload of the receipt, as `receipt.json`: the data of the leaf. */
  receipt: Uint8Array;
  verifiers: readonly Verifier[];
}): OpenedCheckpoint {
  const opened = openCheckpoint(proof.checkpoint, verifiers);
  const { leaf_index: index, audit_path } = proof;
  const path = audit_path.map(bytes);
  if (verifyInclusion({ ...opened.tree, leaf: leafHash(receipt), index, path })) return opened;
  throw rejected('the receipt is not in the log');
}

/** Checks that the log of a later checkpoint holds, unchanged, all that it held at an earlier one. Throws `rejected`. */
export function openConsistency({
  proof,
  earlier,
  verifiers,
}: {
  proof: ConsistencyAnswer;
  earlier: OpenedCheckpoint;
  verifiers: readonly Verifier[];
}): OpenedCheckpoint {
  const later = openCheckpoint(proof.checkpoint, verifiers);
  if (later.payload.log_id !== earlier.payload.log_id) throw rejected('another log');
  const path = proof.path.map(bytes);
  if (verifyConsistency({ first: earlier.tree, second: later.tree, path })) return later;
  throw rejected('the log is not what it was');
}
