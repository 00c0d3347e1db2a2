import { type ChainReport, createChainVerifier } from '../../core/chain.ts';
import { type FolderFault, scanEvidence } from './scan.ts';
import { chainEntryOf, openScratch } from './scratch.ts';

export type FolderReport = ChainReport & {
  readonly ok: boolean;
  readonly bundles: number;
  readonly folderFaults: readonly FolderFault[];
};

/**
 * Verifies an evidence folder with nothing but itself and public keys (32 raw bytes each): every signature, every
 * link, every number. Memory does not grow with the number of bundles.
 */
export function verifyFolder({
  evidence,
  publicKeys,
  progress,
}: {
  evidence: string;
  publicKeys: readonly Uint8Array[];
  progress?: (step: { found?: number; done?: number }) => void;
}): FolderReport {
  const scratch = openScratch();
  try {
    const folderFaults = scanEvidence(evidence, {
      publicKeys,
      scratch,
      ...(progress && { progress }),
    });
    const verifier = createChainVerifier();
    let bundles = 0;
    for (const seen of scratch.inChainOrder()) {
      verifier.add(chainEntryOf(seen));
      bundles += 1;
    }
    const report = verifier.end();
    const ok = bundles > 0 && folderFaults.length === 0 && report.faults.length === 0;
    return { ...report, ok, bundles, folderFaults };
  } finally {
    scratch.close();
  }
}
