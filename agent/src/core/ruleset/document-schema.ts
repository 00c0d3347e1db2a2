import * as z from 'zod';
import type { Json } from '../../wire/primitives.ts';

/** What JSON.parse gave is JSON; a large ruleset is not walked once more to see it. */
const ParsedJson = z.custom<Json>((value) => value !== undefined);
const Properties = z.record(z.string(), ParsedJson);

/** Rules in their order: an nftables rule is `{expr, comment?}` of libnftables-json(5), an iptables rule is its text. */
const Chain = z.strictObject({
  name: z.string(),
  properties: Properties.describe('type, hook, prio, dev, policy'),
  rules: z.array(ParsedJson),
});
export type Chain = z.infer<typeof Chain>;

/** A long list of elements travels as its count and digest. */
const Elements = z.union([
  z.array(ParsedJson),
  z.strictObject({ count: z.number().int(), sha256: z.string() }),
]);
export type Elements = z.infer<typeof Elements>;

/** A set, map, flowtable, named counter, quota, limit, ct helper and whatever else a table may hold. */
const NamedObject = z.strictObject({
  kind: z.string(),
  name: z.string(),
  properties: Properties,
  elements: Elements.nullable().describe('of a set or map; null where packets may change them'),
});
export type NamedObject = z.infer<typeof NamedObject>;

const Table = z.strictObject({
  family: z.string(),
  name: z.string(),
  properties: Properties,
  chains: z.array(Chain),
  objects: z.array(NamedObject),
});
export type Table = z.infer<typeof Table>;

/**
 * The declared part of a ruleset with everything left out that a reload, a reboot, traffic or the version of the tool
 * may change (DESIGN 4). Equal rulesets give equal documents, byte for byte in canonical JSON.
 */
export const RulesetDocument = z.strictObject({
  backend: z.enum(['nftables', 'iptables']),
  tables: z.array(Table),
});
export type RulesetDocument = z.infer<typeof RulesetDocument>;
