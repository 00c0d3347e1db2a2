import type { Json } from '../../wire/primitives.ts';
import { sortUnordered } from './document.ts';

/** Flag lists are bit sets; some releases of nft print a single one without its array. */
const UNORDERED_LISTS = new Set(['flags', 'dev']);

/**
 * An nftables statement or expression without its state, and in one order. What is dropped: values of counters, quota use,
 * time of last use, remaining life of elements. What is sorted: elements of anonymous sets, maps and verdict maps, and
 * flags. Concatenations, ranges, binary operations and the statements themselves keep their order.
 */
export function statelessStatement(value: Json): Json {
  if (Array.isArray(value)) return value.map(statelessStatement);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, Json][] => {
      if (key === 'expires' || key === 'handle') return [];
      return [[key, statelessField(key, inner)]];
    }),
  );
}

function statelessField(key: string, inner: Json): Json {
  // A string names a counter, quota or limit object and is part of the rule.
  if ((key === 'counter' || key === 'last') && typeof inner === 'object') return null;
  if (key === 'quota' && isRecord(inner)) {
    const { used: _, used_unit: __, ...quota } = inner;
    return quota;
  }
  if (key === 'set' && Array.isArray(inner)) return sortUnordered(inner.map(statelessStatement));
  if (UNORDERED_LISTS.has(key)) return sortUnordered(asList(inner).map(statelessStatement));
  return statelessStatement(inner);
}

/**
 * Whether an `xt` expression stands anywhere in it: a match or target of iptables, whose meaning nft’s listing does not
 * show. Such a rule cannot be compared.
 */
export function hasXt(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasXt);
  if (!isRecord(value)) return false;
  return 'xt' in value || Object.values(value).some(hasXt);
}

export function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asList(value: Json): Json[] {
  return Array.isArray(value) ? value : [value];
}
