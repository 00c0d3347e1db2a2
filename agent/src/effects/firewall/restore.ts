import { digestRuleset, type RulesetDocument } from '../../core/ruleset/document.ts';
import { type RawListing, readListing } from '../../core/ruleset/listing.ts';
import { ReferenceListing } from '../../core/ruleset/listing-schema.ts';
import { nftTransaction } from '../../core/ruleset/restore-nft.ts';
import type { ReadableSection } from '../../core/ruleset/section.ts';
import type { Action } from '../../wire/evidence.ts';
import { type Failure, FailureError, toFailure } from '../../wire/failure.ts';
import { listKernel } from './listing.ts';
import { loadChains } from './restore-chains.ts';
import { StepLog } from './steps.ts';
import { runTool } from './tool.ts';

export type Restored = {
  readonly outcome: 'success' | 'failed' | 'reverted';
  readonly actions: Action[];
  readonly error: Failure | null;
};

type Restore = {
  readonly section: ReadableSection;
  /** Asks the probe `firewall-reference`, in its own empty namespace; its document’s `data`. */
  readonly askReference: () => Promise<unknown>;
  readonly signal: AbortSignal;
};

/**
 * Puts the declared tables or chains back into the ruleset of this process’s network namespace, and looks whether they
 * are there. Foreign tables and chains are not touched, and the distribution’s unit is not reloaded. Needs
 * CAP_NET_ADMIN. `success`: the kernel’s digest is the reference’s. `failed`: nothing was changed, or what was loaded
 * is not what the kernel lists (`unhealthy`), or the way back failed too (`rollback_failed`). `reverted`: it failed
 * halfway and what was declared of the earlier ruleset is back. Never throws.
 */
export async function restoreFirewall(restore: Restore): Promise<Restored> {
  const log = new StepLog();
  try {
    return { ...(await restoreSteps(restore, log)), actions: log.actions };
  } catch (thrown) {
    return { outcome: 'failed', error: toFailure(thrown, 'remedy.firewall'), actions: log.actions };
  }
}

type Ending = Omit<Restored, 'actions'>;
const SUCCESS: Ending = { outcome: 'success', error: null };

async function restoreSteps(
  { section, askReference, signal }: Restore,
  log: StepLog,
): Promise<Ending> {
  const reference = await log.step('read_reference', 'probe firewall-reference', async () =>
    openReference(await askReference()),
  );
  const list = (action: string) =>
    log.step(action, LIST[section.backend], () => listKernel(section, signal));
  const before = await list('list_ruleset');
  if (holds(before, reference.document, section)) return SUCCESS;

  if (section.backend === 'nftables') {
    // The kernel takes the transaction whole or not at all: no way back is needed.
    const input = nftTransaction(reference, section.tables);
    await log.step('load_tables', 'nft -f -', () =>
      runTool({ tool: 'nft', args: ['-f', '-'], input, signal }),
    );
  } else {
    const error = await loadChains(reference.document, { section, before, signal, log });
    if (error !== null) return error;
  }
  if (holds(await list('verify_ruleset'), reference.document, section)) return SUCCESS;
  return { outcome: 'failed', error: { code: 'unhealthy', params: { where: 'firewall' } } };
}

const LIST = {
  nftables: 'nft -j list ruleset',
  iptables: 'iptables-save; ip6tables-save',
} as const;

function openReference(data: unknown): ReferenceListing {
  const parsed = ReferenceListing.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new FailureError('malformed', { probe: 'firewall-reference' });
}

/** Whether the kernel holds what is declared, and nothing goes past it. An unreadable table does not. */
function holds(raw: RawListing, reference: RulesetDocument, section: ReadableSection): boolean {
  try {
    const { document, bypasses } = readListing(raw, section);
    return bypasses.length === 0 && digestRuleset(document) === digestRuleset(reference);
  } catch {
    return false; // an `xt` expression in a declared table is itself a reason to put it back
  }
}
