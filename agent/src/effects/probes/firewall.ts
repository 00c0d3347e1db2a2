import { readListing } from '../../core/ruleset/listing.ts';
import { readableSection } from '../../core/ruleset/read-section.ts';
import { listKernel } from '../firewall/listing.ts';
import type { Probe } from './index.ts';

/** The declared part of the kernel’s ruleset. Runs with CAP_NET_ADMIN and nothing else. */
export const probeFirewall: Probe = async ({ section, signal }) => {
  const readable = readableSection(section);
  return readListing(await listKernel(readable, signal), readable);
};
