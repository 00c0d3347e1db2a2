import type { PrunedRange } from '../wire/lineage.ts';

const DAY_MS = 24 * 3600 * 1000;

/** What is kept: settings `prune_retention_days` and `evidence_retention`, and whether receipts are to be had. */
export type RetentionRule = {
  readonly now: Date;
  readonly days: number;
  /** Position of the oldest of the newest bundles that are always kept. */
  readonly keptFrom: number;
  /** Whether a server is configured: then nothing goes that it has not receipted. */
  readonly receipts: boolean;
};

/** What the rule looks at. `ended_at` in milliseconds since the epoch. */
export type Prunable = {
  readonly position: number;
  readonly check_id: string;
  readonly ended_at: number;
  readonly receipted: 0 | 1;
  readonly chain_id: string;
  readonly sequence: number;
  readonly previous_digest: string;
  readonly sha256: string;
};

/** Without these what remains could not be verified: they are kept for good. */
const KEPT: readonly string[] = ['key', 'chain'];

/** Whatever is not older than this is kept, in milliseconds since the epoch. */
export function keptSince({ now, days }: Pick<RetentionRule, 'now' | 'days'>): number {
  return now.getTime() - days * DAY_MS;
}

/**
 * Whether a bundle may go (45 CFR 164.316(b)(2)(i)): older than `days`, and not among the newest, and receipted where
 * a server is configured (DESIGN 6 “Retention”).
 */
export function mayPrune(bundle: Prunable, rule: RetentionRule): boolean {
  return (
    bundle.ended_at < keptSince(rule) &&
    bundle.position < rule.keptFrom &&
    (bundle.receipted === 1 || !rule.receipts) &&
    !KEPT.includes(bundle.check_id)
  );
}

/** One bundle as a range of its own; `joinRanges` makes runs of them. */
export function rangeOf({ chain_id, sequence, previous_digest, sha256 }: Prunable): PrunedRange {
  return {
    chain_id,
    first_sequence: sequence,
    last_sequence: sequence,
    count: 1,
    preceding_digest: previous_digest,
    last_digest: sha256,
  };
}
