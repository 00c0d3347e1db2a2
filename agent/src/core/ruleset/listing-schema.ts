import * as z from 'zod';
import { RulesetDocument } from './document-schema.ts';
import type { Bypass } from './iptables.ts';

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
