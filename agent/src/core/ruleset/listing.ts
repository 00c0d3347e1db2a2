import { readIptablesRuleset } from './iptables.ts';
import type { RulesetListing } from './listing-schema.ts';
import { readNftRuleset } from './nftables.ts';
import type { ReadableSection } from './section.ts';

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
