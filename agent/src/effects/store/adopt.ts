import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ChainEvent, chainEvent, nextKeyId } from '../../core/chain.ts';
import type { Verifier } from '../../core/ed25519.ts';
import { isNoticed } from '../../core/notice.ts';
import { openBundle } from '../../core/record.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import { type Bundle, MAX_BUNDLE_BYTES, type Outcome } from '../../wire/evidence.ts';
import { NO_DIGEST } from '../../wire/primitives.ts';
import type { Writer } from './append.ts';
import { readBundleFiles } from './folders.ts';
import { type BundleRow, type Head, rowOf } from './rows.ts';

/** A verified bundle that the index does not know. */
export type Orphan = {
  readonly row: Omit<BundleRow, 'position'>;
  /** Digest of the bundle that it follows: the one before, or the head of the chain that it replaces. */
  readonly follows: string;
  /** Key of what comes after it. */
  readonly nextKeyId: string;
};

/** Reads a folder as a bundle; null where it is unreadable, does not verify, or carries another bundle’s name. */
export function readOrphan(
  folder: string,
  name: string,
  verifiers: readonly Verifier[],
): Orphan | null {
  try {
    const { bytes, signature } = readBundleFiles(folder, MAX_BUNDLE_BYTES);
    const opened = openBundle({ bytes, signature, verifiers });
    if (!opened.ok || opened.bundle.bundle_id !== name) return null;
    const { bundle } = opened;
    const receipted = existsSync(join(folder, 'receipt.sig'));
    const row = rowOf(bundle, { sha256: sha256Hex(bytes), size: bytes.length, receipted });
    const event = chainEvent(bundle);
    const next = nextKeyId({ key_id: bundle.key_id, event });
    return { row, follows: followed(bundle, event), nextKeyId: next };
  } catch {
    return null; // half there: it is set apart, and the caller reports it
  }
}

/** Takes whichever orphans continue the chain into the index, in its order. Gives their bundle ids. */
export function adoptOrphans(writer: Writer, orphans: readonly Orphan[]): string[] {
  const adopted: string[] = [];
  const followers = new Map<string, Orphan[]>();
  for (const orphan of orphans)
    followers.set(orphan.follows, [...(followers.get(orphan.follows) ?? []), orphan]);
  for (;;) {
    const head = writer.rows.head();
    const next = followers
      .get(head?.digest ?? NO_DIGEST)
      ?.find((orphan) => continues(head, orphan));
    if (next === undefined) return adopted;
    writer.db.transaction(() => adopt(writer, next)).immediate();
    adopted.push(next.row.bundle_id);
  }
}

function adopt({ rows, queueing, bootId, channels }: Writer, { row, nextKeyId }: Orphan): void {
  const position = rows.insert(row);
  const { sha256, size, chain_id, sequence } = row;
  if (queueing && row.receipted === 0)
    rows.enqueue({ position, sha256, size, at: row.ended_at, bootId });
  if (isNoticed({ check: row.check_id, outcome: row.outcome as Outcome }))
    rows.notify({ position, bootId }, channels);
  rows.setHead({ chain_id, sequence, digest: sha256, key_id: nextKeyId });
}

function continues(head: Head | null, { row, follows }: Orphan): boolean {
  if (head === null) return row.sequence === 1 && follows === NO_DIGEST;
  const place = row.chain_id === head.chain_id ? head.sequence + 1 : 1;
  return row.sequence === place && follows === head.digest && row.key_id === head.key_id;
}

function followed({ sequence, previous_digest }: Bundle, event: ChainEvent | null): string {
  return event?.kind === 'chain' && sequence === 1 ? event.pre_state.digest : previous_digest;
}
