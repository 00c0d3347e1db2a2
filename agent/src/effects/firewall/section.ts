import { FirewallSection, type ReadableSection } from '../../core/ruleset/section.ts';
import { FailureError } from '../../wire/failure.ts';
import { parseSection } from '../probes/section.ts';

/** The section of a backend whose ruleset can be read; `unsupported` of any other. */
export function readableSection(section: unknown): ReadableSection {
  const parsed = parseSection(FirewallSection, section, 'firewall');
  if (parsed.backend === 'nftables' || parsed.backend === 'iptables') return parsed;
  throw new FailureError('unsupported', { backend: parsed.backend });
}
