import * as z from 'zod';
import { Failure } from '../../wire/failure-schema.ts';
import type { Json } from '../../wire/primitives.ts';
import { Sha256 } from '../../wire/primitives.ts';
import { DIFFERENCE_KINDS, type Difference } from './diff.ts';
import { canonicalText } from './document.ts';
import { textWithoutFreeText, withoutFreeText } from './free-text.ts';

/** So many differences are told apart; beyond them they are counted. */
export const MAX_DIFFERENCES = 32;
const MAX_TEXT = 512;

const Text = z.string().max(MAX_TEXT);
const Count = z.number().int().min(0);

/** A difference as evidence keeps it: rules as canonical text, without what people wrote in them, cut at 512 characters. */
const ShortDifference = z.strictObject({
  kind: z.enum(DIFFERENCE_KINDS),
  table: Text,
  chain: Text.nullable(),
  subject: Text.nullable(),
  position: z.number().int().min(1).nullable(),
  expected: Text.nullable(),
  actual: Text.nullable(),
});
export type ShortDifference = z.infer<typeof ShortDifference>;

const ReferenceSeen = z.union([
  z.strictObject({ digest: Sha256, missing: z.array(z.string()) }),
  z.strictObject({ unseen: Failure }),
]);
export type ReferenceSeen = z.infer<typeof ReferenceSeen>;

const ReadableFacts = z.strictObject({
  backend: z.enum(['nftables', 'iptables']),
  digest: Sha256.describe('of the kernel’s declared tables'),
  reference: ReferenceSeen,
  difference_count: Count,
  differences: z.array(ShortDifference).max(MAX_DIFFERENCES),
  foreign_count: Count,
  foreign: z.array(Text).describe('tables or chains that are not declared, by name'),
  bypass_count: Count,
  bypasses: z
    .array(z.strictObject({ table: Text, chain: Text, position: z.number().int(), rule: Text }))
    .max(MAX_DIFFERENCES),
});
export type ReadableFacts = z.infer<typeof ReadableFacts>;

export const FirewallFacts = z.union([
  ReadableFacts,
  z.strictObject({ backend: z.literal('none') }),
]);
export type FirewallFacts = z.infer<typeof FirewallFacts>;

/** Its values as texts that evidence may hold. */
export function shortDifference(difference: Difference): ShortDifference {
  const { table, chain, subject, expected, actual } = difference;
  return {
    ...difference,
    table: shorten(table),
    chain: chain === null ? null : shorten(chain),
    subject: subject === null ? null : shorten(subject),
    expected: shortValue(expected),
    actual: shortValue(actual),
  };
}

function shortValue(value: Json): string | null {
  if (value === null) return null;
  const shown = withoutFreeText(value);
  return shorten(typeof shown === 'string' ? shown : canonicalText(shown));
}

/** An iptables rule as evidence keeps it. */
export function shortRule(rule: string): string {
  return shorten(textWithoutFreeText(rule));
}

export function shorten(text: string): string {
  // Never between the halves of a surrogate pair, which canonical JSON refuses.
  return text.length <= MAX_TEXT
    ? text
    : `${text.slice(0, MAX_TEXT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
