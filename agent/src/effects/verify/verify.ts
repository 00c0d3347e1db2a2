import { type ChainFault, type ChainReport, createChainVerifier } from '../../core/chain.ts';
import type { Verifier } from '../../core/ed25519.ts';
import type { FolderFault } from './faults.ts';
import type { Progress } from './gather.ts';
import type { ReceiptCounts } from './receipts.ts';
import { chainEntryOf } from './runs.ts';
import { createLook, scanEvidence } from './scan.ts';
import { openScratch, type Scratch } from './scratch.ts';

export type FolderReport = ChainReport & {
  readonly ok: boolean;
  readonly bundles: number;
  readonly folderFaults: readonly FolderFault[];
  readonly receipts: ReceiptCounts;
  /** Bundles that end before the one that they follow: the clock went back. No fault of the evidence, but to be told. */
  readonly backwards: { readonly count: number; readonly first: string | null };
  /** In an excerpt, what lies before it: not there, and not missed. */
  readonly before: readonly ChainFault[];
};

export type VerifyOptions = {
  readonly evidence: string;
  readonly publicKeys: readonly Uint8Array[];
  /** Null where none is pinned: then it is told that receipts fit, and not who signed them. */
  readonly receiptKeys?: readonly Verifier[] | null;
  /** Whether chains may begin anywhere, as in a packet of one period. */
  readonly excerpt?: boolean;
  readonly visit?: NonNullable<Parameters<typeof scanEvidence>[1]['visit']>;
  readonly progress?: Progress;
};

/** Bundles that stay in memory until they are put in order; beyond, the way through a file costs each a fiftieth more. */
const AT_HAND = 16_384;

/**
 * Verifies an evidence folder with nothing but itself and public keys (32 raw bytes each): every signature, link, number
 * and receipt, and the order of times. Memory does not grow with the number of bundles.
 */
export function verifyFolder({
  evidence,
  publicKeys,
  receiptKeys = null,
  excerpt = false,
  visit,
  progress,
}: VerifyOptions): FolderReport {
  const scratch = openScratch(visit ? undefined : AT_HAND); // who visits keeps more than we do
  try {
    const { faults: folderFaults, receipts } = scanEvidence(evidence, {
      publicKeys,
      scratch,
      receiptKeys,
      ...(visit && { visit }),
      ...(progress && { progress }),
    });
    return { ...judgeChains(scratch, { folderFaults, excerpt }), receipts };
  } finally {
    scratch.close();
  }
}

/** As `verifyFolder`, on so many threads, this one among them. Bundles are not visited. */
export async function verifyFolderInThreads({
  threads,
  evidence,
  publicKeys,
  receiptKeys = null,
  excerpt = false,
  progress = () => {},
}: Omit<VerifyOptions, 'visit'> & { threads: number }): Promise<FolderReport> {
  const scratch = openScratch();
  try {
    const { scanInThreads } = await import('./threads.ts'); // by itself, as each thread loads it
    const { faults: folderFaults, receipts } = await scanInThreads(evidence, {
      ...{ publicKeys, scratch, threads, progress },
      receiptKeys: receiptKeys?.map(({ publicKey }) => publicKey) ?? null,
      look: createLook(evidence, { receiptKeys }),
    });
    return { ...judgeChains(scratch, { folderFaults, excerpt }), receipts };
  } finally {
    scratch.close();
  }
}

function judgeChains(
  scratch: Scratch,
  { folderFaults, excerpt }: { folderFaults: readonly FolderFault[]; excerpt: boolean },
): Omit<FolderReport, 'receipts'> {
  const verifier = createChainVerifier();
  const backwards: { count: number; first: string | null } = { count: 0, first: null };
  let bundles = 0;
  let last = { chain_id: '', ended_at: 0 };
  for (const seen of scratch.inChainOrder()) {
    verifier.add(chainEntryOf(seen));
    bundles += 1;
    const { chain_id, ended_at } = seen.row;
    if (chain_id === last.chain_id && ended_at < last.ended_at) {
      backwards.count += 1;
      backwards.first ??= seen.name;
    }
    last = { chain_id, ended_at };
  }
  const report = verifier.end();
  const starts = new Map(report.chains.map(({ chain_id, first }) => [chain_id, first]));
  const precedes = ({ kind, chain_id, sequence }: ChainFault) =>
    excerpt && kind === 'gap' && sequence === 1 && starts.get(chain_id) !== 1;
  const faults = report.faults.filter((fault) => !precedes(fault));
  const before = report.faults.filter(precedes);
  const ok = bundles > 0 && folderFaults.length === 0 && faults.length === 0;
  return { ...report, faults, before, backwards, ok, bundles, folderFaults };
}
