import { FirewallSection, type ReadableSection } from '../../core/ruleset/section.ts';
import { FailureError } from '../../wire/failure.ts';

/** The section of a backend whose ruleset can be read; `unsupported` of any other. */
export function readableSection(section: unknown): ReadableSection {
  const parsed = FirewallSection.safeParse(section);
  if (!parsed.success) throw new FailureError('malformed', { where: 'checks.firewall' });
  if (parsed.data.backend === 'nftables' || parsed.data.backend === 'iptables') return parsed.data;
  throw new FailureError('unsupported', { backend: parsed.data.backend });
}
