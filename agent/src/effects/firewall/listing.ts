import type { RawListing } from '../../core/ruleset/listing.ts';
import type { ReadableSection } from '../../core/ruleset/section.ts';
import { runTool } from './tool.ts';

/** What the kernel holds in this process’s network namespace, as the backend’s tools print it. Needs CAP_NET_ADMIN. */
export async function listKernel(
  { backend }: Pick<ReadableSection, 'backend'>,
  signal: AbortSignal,
): Promise<RawListing> {
  if (backend === 'nftables') {
    return {
      backend,
      json: await runTool({ tool: 'nft', args: ['-j', 'list', 'ruleset'], signal }),
    };
  }
  const [v4, v6] = await Promise.all([
    runTool({ tool: 'iptables-save', args: [], signal }),
    runTool({ tool: 'ip6tables-save', args: [], signal }),
  ]);
  return { backend, v4, v6 };
}
