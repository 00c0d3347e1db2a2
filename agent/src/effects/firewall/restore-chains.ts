import type { RulesetDocument } from '../../core/ruleset/document.ts';
import { parseIptablesSave } from '../../core/ruleset/iptables-text.ts';
import { type RawListing, readListing } from '../../core/ruleset/listing.ts';
import { iptablesTransaction } from '../../core/ruleset/restore-iptables.ts';
import type { ReadableSection } from '../../core/ruleset/section.ts';
import { type Failure, FailureError, toFailure } from '../../wire/failure.ts';
import { listKernel } from './listing.ts';
import type { StepLog } from './steps.ts';
import { runTool } from './tool.ts';

type IptablesSection = Extract<ReadableSection, { backend: 'iptables' }>;

type Load = {
  readonly section: IptablesSection;
  readonly before: RawListing;
  readonly signal: AbortSignal;
  readonly log: StepLog;
};

const FAMILIES = [
  { family: 'ip', tool: 'iptables-restore' },
  { family: 'ip6', tool: 'ip6tables-restore' },
] as const;

/**
 * Loads the declared chains of both families. Each table of a family is one commit, so a failure may come between two:
 * then the declared part of what was there before is put back. Null where all was loaded.
 */
export async function loadChains(
  reference: RulesetDocument,
  { section, before, signal, log }: Load,
): Promise<{ outcome: 'failed' | 'reverted'; error: Failure } | null> {
  try {
    await commit(reference, { from: before, action: 'load_chains', section, signal, log });
    return null;
  } catch (thrown) {
    const error = toFailure(thrown, 'remedy.firewall');
    return { outcome: await rollBack({ section, before, signal, log }), error };
  }
}

async function rollBack({ section, before, signal, log }: Load): Promise<'reverted'> {
  try {
    const now = await listKernel(section, signal);
    const earlier = readListing(before, section).document;
    await commit(earlier, { from: now, action: 'put_back', section, signal, log });
    return 'reverted';
  } catch (cause) {
    throw new FailureError('rollback_failed', toFailure(cause, 'rollback').params, { cause });
  }
}

type Commit = Omit<Load, 'before'> & { readonly from: RawListing; readonly action: string };

async function commit(
  document: RulesetDocument,
  { from, action, section, signal, log }: Commit,
): Promise<void> {
  if (from.backend !== 'iptables') throw new FailureError('internal', { where: 'remedy.firewall' });
  const { bypasses } = readListing(from, section);
  for (const { family, tool } of FAMILIES) {
    const actual = parseIptablesSave(family === 'ip' ? from.v4 : from.v6);
    const input = iptablesTransaction({
      family,
      reference: document,
      actual,
      bypasses,
      declared: section,
    });
    if (input === '') continue;
    // Waits for whoever else is changing the tables, as Docker does.
    const args = ['--noflush', '--wait', '10'];
    await log.step(action, `${tool} ${args.join(' ')}`, () =>
      runTool({ tool, args, input, signal }),
    );
  }
}
