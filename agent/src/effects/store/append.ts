import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Signer } from '../../core/ed25519.ts';
import { isNoticed } from '../../core/notice.ts';
import { bundleBytes, signatureText } from '../../core/record.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import type { Draft, HostContext, Link } from '../../wire/evidence.ts';
import type { NoticeChannel } from '../../wire/notice.ts';
import { NO_DIGEST } from '../../wire/primitives.ts';
import { changeOf, dayOf, FILE_MODE, FOLDER_MODE, type Layout } from './folders.ts';
import type { Head, Rows } from './rows.ts';
import type { Db } from './schema.ts';
import type { Unsynced } from './unsynced.ts';

/** What an append wrote. */
export type Recorded = {
  readonly bundle_id: string;
  readonly chain_id: string;
  readonly sequence: number;
  readonly sha256: string;
  readonly size: number;
  readonly folder: string;
};

export type Writer = {
  readonly db: Db;
  readonly rows: Rows;
  readonly unsynced: Unsynced;
  readonly paths: Layout;
  readonly queueing: boolean;
  readonly bootId: string;
  /** Who is told of alerts and outcomes. */
  readonly channels: readonly NoticeChannel[];
};

export type Entry = {
  readonly draft: Draft;
  readonly context: HostContext;
  readonly signer: Signer;
  /** The next bundle is signed by this key; by default the same. */
  readonly nextKeyId?: string;
  /** Begins a chain of its own. */
  readonly newChain?: boolean;
  /** More rows of the same transaction. */
  readonly also?: (recorded: Recorded) => void;
};

/**
 * The one durable step (DESIGN 6 “One writer”). Until it returns nothing has happened; once it has, bundle, index,
 * queue and head survive a power cut (unsynced.ts says how). A failure on the way takes back what was written.
 */
export function appendBundle(writer: Writer, entry: Entry): Recorded {
  let written: string | undefined;
  if (writer.unsynced.isFull()) writer.unsynced.settleNow();
  const step = writer.db.transaction(() => {
    const bundleId = randomUUID();
    const link = nextLink(writer.rows.head(), entry);
    const bytes = bundleBytes({ bundleId, draft: entry.draft, context: entry.context, link });
    const signature = signatureText(entry.signer.sign(bytes));
    const endedAt = Date.parse(entry.draft.timestamp_end);
    const folder = join(writer.paths.evidence, dayOf(endedAt), bundleId);
    written = folder;
    writeFolder(writer.paths, { folder, bytes, signature });
    const { chain_id, sequence } = link;
    const recorded = {
      bundle_id: bundleId,
      chain_id,
      sequence,
      sha256: sha256Hex(bytes),
      size: bytes.length,
      folder,
    };
    const position = index(writer, entry, { link, recorded, endedAt });
    writer.unsynced.keep(position, { bytes, signature });
    entry.also?.(recorded);
    return recorded;
  });
  try {
    return step.immediate();
  } catch (error) {
    if (written !== undefined) takeBack(writer.paths, written);
    throw error;
  }
}

function nextLink(head: Head | null, { signer, newChain = false }: Entry): Link {
  if (head === null || newChain) {
    return {
      chain_id: randomUUID(),
      sequence: 1,
      previous_digest: NO_DIGEST,
      key_id: signer.keyId,
    };
  }
  return {
    chain_id: head.chain_id,
    sequence: head.sequence + 1,
    previous_digest: head.digest,
    key_id: signer.keyId,
  };
}

/** Whole or not at all for whoever reads it: a folder beside the evidence is filled and renamed into place. */
function writeFolder(
  { incoming }: Layout,
  { folder, bytes, signature }: { folder: string; bytes: Buffer; signature: string },
): void {
  const fresh = join(incoming, 'bundle');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: FOLDER_MODE });
  writeFileSync(join(fresh, 'bundle.json'), bytes, { mode: FILE_MODE });
  writeFileSync(join(fresh, 'bundle.sig'), signature, { mode: FILE_MODE });
  mkdirSync(dirname(folder), { recursive: true, mode: FOLDER_MODE });
  renameSync(fresh, folder);
}

/** Gives the bundle’s position. */
function index(
  { rows, queueing, bootId, channels }: Writer,
  { draft, signer, nextKeyId }: Entry,
  { link, recorded, endedAt }: { link: Link; recorded: Recorded; endedAt: number },
): number {
  const { bundle_id, sha256, size, folder } = recorded;
  const position = rows.insert({
    ...link,
    bundle_id,
    sha256,
    size,
    check_id: draft.check,
    outcome: draft.outcome,
    order_id: draft.order_id,
    started_at: Date.parse(draft.timestamp_start),
    ended_at: endedAt,
    receipted: 0,
  });
  if (queueing) rows.enqueue({ position, sha256, size, at: endedAt, bootId });
  if (isNoticed(draft)) rows.notify({ position, bootId }, channels);
  const { chain_id, sequence } = link;
  rows.setHead({ chain_id, sequence, digest: sha256, key_id: nextKeyId ?? signer.keyId });
  rows.setFolder(dayOf(endedAt), changeOf(dirname(folder)));
  return position;
}

function takeBack({ incoming }: Layout, folder: string): void {
  rmSync(join(incoming, 'bundle'), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}
