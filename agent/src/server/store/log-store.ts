import type { Coordinate, Tree } from '../../core/merkle.ts';
import type { Envelope } from '../../wire/envelope.ts';

/** Signs the tree that a log has grown to. */
export type Seal = (tree: Tree & { readonly logId: string }) => Envelope;

/** A signed state of the Merkle log. */
export type Checkpoint = { readonly size: number; readonly envelope: Envelope };

export type LogEntry = {
  readonly index: number;
  readonly hostId: string;
  readonly sha256: string;
  /** The leaf’s data: the exact payload of the bundle’s receipt. */
  readonly receiptPayload: Uint8Array;
};

/** The Merkle log of what was kept. */
export type LogStore = {
  /**
   * Appends to the Merkle log at most `limit` bundles that are kept and not in it yet, with the checkpoint of what it
   * grew to; how many those were. Two servers never do it at once.
   */
  extendLog(step: { limit: number; seal: Seal }): Promise<number>;
  logId(): Promise<string>;
  /** Bundles that are kept and neither in the log nor waiting for it: what takes one out leaves that. */
  unlogged(limit: number): Promise<{ hostId: string; sha256: string }[]>;
  /** The leaf of a bundle; null where it is not in the log. */
  logIndex(hostId: string, sha256: string): Promise<number | null>;
  /** Leaves from `from` on. */
  logEntries(page: { from: number; limit: number }): Promise<LogEntry[]>;
  /** Hashes of complete subtrees, in the order asked; throws where one is not there. */
  logNodes(wanted: readonly Coordinate[]): Promise<Uint8Array[]>;
  /** By size, those larger than `after`. */
  checkpoints(page: { after: number; limit: number }): Promise<Checkpoint[]>;
  /** The newest; null of an empty log. */
  lastCheckpoint(): Promise<Checkpoint | null>;
};
