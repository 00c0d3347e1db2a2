import { setImmediate as turn } from 'node:timers/promises';
import type { Signer } from '../../core/ed25519.ts';
import { sealEnvelope } from '../../core/envelope.ts';
import {
  consistencyRanges,
  coordinatesOf,
  inclusionRanges,
  type Range,
  rangeHash,
} from '../../core/merkle.ts';
import { CHECKPOINT_TYPE, type CheckpointPayload } from '../../wire/envelope.ts';
import type { ConsistencyAnswer, ProofAnswer } from '../../wire/routes.ts';
import type { Seal, Store } from '../store/store.ts';

/** Bundles that enter the log in one commit: with SQLite nobody is answered meanwhile. */
const STEP = 256;

/** Signs checkpoints with the receipt key. */
export function checkpointSeal({ signer, now }: { signer: Signer; now: () => Date }): Seal {
  return ({ logId, size, root }) => {
    const payload: CheckpointPayload = {
      type: CHECKPOINT_TYPE,
      log_id: logId,
      size,
      root: hex(root),
      issued_at: now().toISOString(),
    };
    return sealEnvelope(payload, signer);
  };
}

/** Brings everything that is kept into the log; how many bundles those were. */
export async function catchUp(store: Store, seal: Seal): Promise<number> {
  for (let total = 0; ; ) {
    const added = await store.extendLog({ limit: STEP, seal });
    total += added;
    if (added < STEP) return total;
    await turn();
  }
}

/** That a bundle is in the log, against its newest checkpoint (RFC 6962 section 2.1.1); null where it is not kept. */
export async function proveInclusion({
  store,
  seal,
  hostId,
  sha256,
}: {
  store: Store;
  seal: Seal;
  hostId: string;
  sha256: string;
}): Promise<ProofAnswer | null> {
  let index = await store.logIndex(hostId, sha256);
  if (index === null) {
    await catchUp(store, seal);
    index = await store.logIndex(hostId, sha256);
  }
  const checkpoint = await store.lastCheckpoint();
  if (index === null || checkpoint === null) return null;
  const audit_path = await hashes(store, inclusionRanges(index, checkpoint.size));
  return { leaf_index: index, audit_path, checkpoint: checkpoint.envelope };
}

/** That the newest log only added to the one of `first` leaves (section 2.1.2); null where it never had as many. */
export async function proveConsistency(
  store: Store,
  first: number,
): Promise<ConsistencyAnswer | null> {
  const checkpoint = await store.lastCheckpoint();
  if (checkpoint === null || first > checkpoint.size) return null;
  const path = await hashes(store, consistencyRanges(first, checkpoint.size));
  return { first, path, checkpoint: checkpoint.envelope };
}

/** The hash of each range, read in one go. */
async function hashes(store: Store, ranges: readonly Range[]): Promise<string[]> {
  const wanted = ranges.flatMap(coordinatesOf);
  const nodes = await store.logNodes(wanted);
  const found = new Map(
    wanted.map(({ level, index }, at) => [`${level}/${index}`, nodes[at] as Uint8Array]),
  );
  return ranges.map((range) =>
    hex(rangeHash(range, ({ level, index }) => found.get(`${level}/${index}`) as Uint8Array)),
  );
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
