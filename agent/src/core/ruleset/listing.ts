import * as z from 'zod';
import { RulesetDocument } from './document.ts';
import { type Bypass, readIptablesRuleset } from './iptables.ts';
import { readNftRuleset } from './nftables.ts';
import type { ReadableSection } from './section.ts';

/** `data` of the probe `firewall`: the declared part of the kernel’s ruleset, and what stands beside it by name. */
export const RulesetListing = z.strictObject({
  document: RulesetDocument,
  foreign: z.array(z.string()),
  bypasses: z.array(
    z.strictObject({
      table: z.string(),
      chain: z.string(),
      position: z.number().int(),
      rule: z.string(),
    }) satisfies z.ZodType<Bypass>,
  ),
});
export type RulesetListing = z.infer<typeof RulesetListing>;

/** `data` of the probe `firewall-reference`: the declared ruleset as the kernel understood it. */
export const ReferenceListing = z.strictObject({
  document: RulesetDocument,
  text: z
    .string()
    .nullable()
    .describe('the declared tables as nft -s lists them; null of iptables'),
});
export type ReferenceListing = z.infer<typeof ReferenceListing>;

/** What the tools of a backend printed. */
export type RawListing =
  | { readonly backend: 'nftables'; readonly json: string }
  | { readonly backend: 'iptables'; readonly v4: string; readonly v6: string };

/** The declared part of what the tools printed. Throws `FailureError`: `malformed`, `unsupported`. */
export function readListing(raw: RawListing, section: ReadableSection): RulesetListing {
  if (raw.backend === 'nftables') {
    const tables = section.backend === 'nftables' ? section.tables : [];
    const { document, foreign } = readNftRuleset(raw.json, { tables });
    return { document, foreign: [...foreign], bypasses: [] };
  }
  const declared = section.backend === 'iptables' ? section : { chains: [] };
  const { document, foreign, bypasses } = readIptablesRuleset(raw, declared);
  return { document, foreign: [...foreign], bypasses: [...bypasses] };
}
