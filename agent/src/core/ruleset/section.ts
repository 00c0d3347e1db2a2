import * as z from 'zod';
import { AbsolutePath, Sha256 } from '../../wire/primitives.ts';
import {
  BUILT_IN,
  CHAIN_PATTERN,
  DECLARED_CHAINS,
  INTERFACE_NAME,
  TABLE_NAME,
} from './read-section.ts';

const TableName = z.string().regex(TABLE_NAME, 'expected family/name, as inet/nixos-fw');
const ChainPattern = z
  .string()
  .regex(CHAIN_PATTERN, 'expected a chain or the beginning of its name and *');
const BuiltIn = z
  .string()
  .regex(BUILT_IN, 'expected a table and a built-in chain, as filter/FORWARD');
const InterfaceName = z.string().regex(INTERFACE_NAME, 'expected the name of an interface');

const reference = {
  digest: Sha256.optional().describe('where no reference can be loaded; differences have no names'),
  interfaces: z
    .array(InterfaceName)
    .max(256)
    .default([])
    .describe('interfaces for which the empty namespace gets a placeholder'),
};

/** The section `checks.firewall` of the baseline. */
export const FirewallSection = z
  .discriminatedUnion('backend', [
    z.strictObject({
      backend: z.literal('nftables'),
      tables: z.array(TableName).min(1).max(64).describe('declared tables, as inet/nixos-fw'),
      reference: z
        .strictObject({
          file: AbsolutePath.describe('what nft -f loads; flushes and deletes nothing'),
        })
        .optional(),
      ...reference,
    }),
    z.strictObject({
      backend: z.literal('iptables'),
      chains: z.array(ChainPattern).min(1).max(64).default(DECLARED_CHAINS),
      policies: z
        .array(BuiltIn)
        .max(16)
        .default([])
        .describe('built-in chains whose policy is declared'),
      preceding: z
        .array(ChainPattern)
        .max(64)
        .default([])
        .describe(
          'foreign chains that may accept packets before the declared ones, as LIBVIRT_INP',
        ),
      reference: z
        .strictObject({ script: AbsolutePath.describe('an executable that builds the chains') })
        .optional(),
      ...reference,
    }),
    z.strictObject({ backend: z.literal('firewalld') }),
    z.strictObject({ backend: z.literal('none') }),
  ])
  .refine(
    (section) =>
      !('tables' in section || 'chains' in section) ||
      section.reference !== undefined ||
      section.digest !== undefined,
    {
      path: ['reference'],
      error: 'expected reference, or digest on a host that cannot load one',
    },
  );
export type FirewallSection = z.infer<typeof FirewallSection>;
/** A section of a backend whose ruleset can be read. */
export type ReadableSection = Extract<FirewallSection, { backend: 'nftables' | 'iptables' }>;
