import {
  type ChainFault,
  type ChainReport,
  chainEvent,
  createChainVerifier,
} from '../core/chain.ts';
import { createPlatformVerifier, type Verifier } from '../core/ed25519.ts';
import { openReceipt } from '../core/receipt.ts';
import { openBundle, signatureText } from '../core/record.ts';
import { sha256Hex } from '../wire/canonical.ts';
import { FailureError } from '../wire/failure.ts';
import type { HostSummary, Store, StoredBundle } from './store/store.ts';

const PAGE = 500;

export type StoreFault =
  | ChainFault
  | {
      readonly kind: 'digest' | 'signature' | 'receipt';
      readonly chain_id: string;
      readonly sequence: number;
      readonly name: string;
      readonly message: string;
    };

export type HostReport = Omit<ChainReport, 'faults'> & {
  readonly hostId: string;
  readonly bundles: number;
  readonly faults: readonly StoreFault[];
};

/**
 * Verifies all that is kept of a host: digest, signature and receipt of every bundle, and every chain. Pages through
 * the database, so that its size does not matter.
 */
export async function verifyHost({
  store,
  summary: { host, chains },
  receiptKeys,
}: {
  store: Store;
  summary: HostSummary;
  receiptKeys: readonly Verifier[];
}): Promise<HostReport> {
  const { keys = [] } = (await store.enrolled(host.hostId)) ?? {};
  const verifiers = keys.map(({ publicKey }) => createPlatformVerifier(publicKey));
  const chain = createChainVerifier();
  const faults: StoreFault[] = [];
  let bundles = 0;
  for (const { chainId } of chains) {
    for await (const stored of chainOf(store, host.hostId, chainId)) {
      bundles += 1;
      const judged = judge(stored, { verifiers, receiptKeys });
      faults.push(...judged.faults);
      if (judged.entry !== null) chain.add(judged.entry);
    }
  }
  const report = chain.end();
  return { ...report, hostId: host.hostId, bundles, faults: [...faults, ...report.faults] };
}

async function* chainOf(store: Store, hostId: string, chainId: string) {
  for (let after: StoredBundle | null = null; ; ) {
    const page: StoredBundle[] = await store.bundles({ hostId, chainId, after, limit: PAGE });
    yield* page;
    after = page.at(-1) ?? null;
    if (page.length < PAGE) return;
  }
}

function judge(
  stored: StoredBundle,
  { verifiers, receiptKeys }: { verifiers: readonly Verifier[]; receiptKeys: readonly Verifier[] },
) {
  const { chainId: chain_id, sequence, sha256, bytes } = stored;
  const faults: StoreFault[] = [];
  const fault = (kind: 'digest' | 'signature' | 'receipt', message: string) =>
    faults.push({
      kind,
      chain_id,
      sequence,
      name: sha256,
      message: `number ${sequence} ${message}`,
    });
  if (sha256Hex(bytes) !== sha256) fault('digest', 'is not what was received');
  if (!receiptHolds(stored, receiptKeys)) fault('receipt', 'has a receipt that does not hold');
  const opened = openBundle({ bytes, signature: signatureText(stored.signature), verifiers });
  if (!opened.ok) {
    fault('signature', 'is signed by no key of its host');
    return { faults, entry: null };
  }
  const { bundle } = opened;
  const { previous_digest, key_id } = bundle;
  const place = { chain_id: bundle.chain_id, sequence: bundle.sequence };
  const entry = { ...place, previous_digest, key_id, name: sha256, digest: sha256Hex(bytes) };
  return { faults, entry: { ...entry, event: chainEvent(bundle) } };
}

function receiptHolds({ receipt, bytes }: StoredBundle, verifiers: readonly Verifier[]): boolean {
  try {
    openReceipt({ receipt, bundle: bytes, verifiers });
    return true;
  } catch (error) {
    if (error instanceof FailureError) return false;
    throw error;
  }
}
