import { readableSection } from '../../core/ruleset/read-section.ts';
import { loadReference } from '../firewall/reference.ts';
import type { Probe } from './index.ts';

/**
 * The declared ruleset as this kernel and these tools understand it. Runs with CAP_NET_ADMIN in an empty network
 * namespace of its own (`PrivateNetwork=yes`), and refuses any other.
 */
export const probeFirewallReference: Probe = ({ section, root, signal }) =>
  loadReference({ section: readableSection(section), root, signal });
