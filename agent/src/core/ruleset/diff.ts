import type { Json } from '../../wire/primitives.ts';
import {
  type Chain,
  canonicalText,
  compareText,
  type Elements,
  type NamedObject,
  type RulesetDocument,
  type Table,
  tableName,
} from './document.ts';
import { differingGaps } from './sequence.ts';

/**
 * One place where a ruleset is not as the reference has it. `subject` names a set, map or other object where the
 * difference is not in a chain. `position` counts rules from 1: in the actual chain, or in the reference where the
 * rule is gone. `expected` and `actual` are canonical values, null where there is none.
 */
export type Difference = {
  readonly kind: DifferenceKind;
  readonly table: string;
  readonly chain: string | null;
  readonly subject: string | null;
  readonly position: number | null;
  readonly expected: Json;
  readonly actual: Json;
};

export const DIFFERENCE_KINDS = [
  'table_missing',
  'table_added',
  'table_changed',
  'chain_missing',
  'chain_added',
  'chain_changed',
  'policy',
  'rule_added',
  'rule_removed',
  'rule_changed',
  'rule_moved',
  'object_missing',
  'object_added',
  'object_changed',
  'set_elements',
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** Every difference, in the order of tables, chains and rules; none exactly where the digests are equal. */
export function diffRulesets(reference: RulesetDocument, actual: RulesetDocument): Difference[] {
  const named = (document: RulesetDocument) =>
    new Map(document.tables.map((table) => [tableName(table), table]));
  return pairs(named(reference), named(actual)).flatMap(([name, expected, found]) => {
    if (found === undefined) return [difference('table_missing', name, { expected: name })];
    if (expected === undefined) return [difference('table_added', name, { actual: name })];
    return diffTable(name, expected, found);
  });
}

function diffTable(table: string, expected: Table, actual: Table): Difference[] {
  const byName = (chains: readonly Chain[]) => new Map(chains.map((chain) => [chain.name, chain]));
  const byKind = (objects: readonly NamedObject[]) =>
    new Map(objects.map((object) => [`${object.kind} ${object.name}`, object]));
  return [
    ...changed('table_changed', table, {}, expected.properties, actual.properties),
    ...pairs(byName(expected.chains), byName(actual.chains)).flatMap(([chain, first, second]) => {
      const before = first ?? withoutRules(second);
      const after = second ?? withoutRules(first);
      if (after === undefined) {
        return [difference('chain_missing', table, { chain, expected: before?.rules.length ?? 0 })];
      }
      if (before === undefined) {
        return [difference('chain_added', table, { chain, actual: after.rules.length })];
      }
      return diffChain(table, before, after);
    }),
    ...pairs(byKind(expected.objects), byKind(actual.objects)).flatMap(
      ([subject, before, after]) => {
        if (after === undefined) {
          return [
            difference('object_missing', table, { subject, expected: before?.properties ?? null }),
          ];
        }
        if (before === undefined) {
          return [difference('object_added', table, { subject, actual: after.properties })];
        }
        return [
          ...changed('object_changed', table, { subject }, before.properties, after.properties),
          ...diffElements(table, subject, before.elements, after.elements),
        ];
      },
    ),
  ];
}

/** A chain that is not declared itself is there all the same when nothing in it concerns us. */
function withoutRules(chain: Chain | undefined): Chain | undefined {
  return chain?.properties['declared'] === false
    ? { name: chain.name, properties: { declared: false }, rules: [] }
    : undefined;
}

function diffChain(table: string, expected: Chain, actual: Chain): Difference[] {
  const chain = expected.name;
  const { policy = null, ...hook } = expected.properties;
  const { policy: actualPolicy = null, ...actualHook } = actual.properties;
  return [
    ...changed('chain_changed', table, { chain }, hook, actualHook),
    ...changed('policy', table, { chain }, policy, actualPolicy),
    ...diffRules(table, chain, expected.rules, actual.rules),
  ];
}

/** A rule that left one place and stands at another has moved; what is left of a gap is paired as changed. */
function diffRules(
  table: string,
  chain: string,
  expected: readonly Json[],
  actual: readonly Json[],
): Difference[] {
  const before = expected.map(canonicalText);
  const after = actual.map(canonicalText);
  const gaps = differingGaps(before, after);
  const moves = findMoves(gaps, before, after);
  const found: Difference[] = [];
  for (const gap of gaps) {
    const gone = gap.from.filter((index) => !moves.from.has(index));
    const come = gap.to.filter((index) => !moves.to.has(index));
    for (const index of gap.to.filter((moved) => moves.to.has(moved))) {
      const rule = actual[index] ?? null;
      found.push(
        difference('rule_moved', table, {
          chain,
          position: index + 1,
          expected: rule,
          actual: rule,
        }),
      );
    }
    for (let step = 0; step < Math.max(gone.length, come.length); step++) {
      const [from, to] = [gone[step], come[step]];
      const kind =
        to === undefined ? 'rule_removed' : from === undefined ? 'rule_added' : 'rule_changed';
      found.push(
        difference(kind, table, {
          chain,
          position: (to ?? from ?? 0) + 1,
          expected: from === undefined ? null : (expected[from] ?? null),
          actual: to === undefined ? null : (actual[to] ?? null),
        }),
      );
    }
  }
  return found;
}

function findMoves(
  gaps: readonly { from: number[]; to: number[] }[],
  before: readonly string[],
  after: readonly string[],
): { from: Set<number>; to: Set<number> } {
  const waiting = new Map<string, number[]>();
  for (const index of gaps.flatMap((gap) => gap.from)) {
    const rule = before[index] ?? '';
    waiting.set(rule, [...(waiting.get(rule) ?? []), index]);
  }
  const from = new Set<number>();
  const to = new Set<number>();
  for (const index of gaps.flatMap((gap) => gap.to)) {
    const origin = waiting.get(after[index] ?? '')?.shift();
    if (origin === undefined) continue;
    from.add(origin);
    to.add(index);
  }
  return { from, to };
}

function diffElements(
  table: string,
  subject: string,
  expected: Elements | null,
  actual: Elements | null,
): Difference[] {
  if (!Array.isArray(expected) || !Array.isArray(actual)) {
    return changed('set_elements', table, { subject }, expected, actual);
  }
  const has = (elements: readonly Json[]) => new Set(elements.map(canonicalText));
  const [before, after] = [has(expected), has(actual)];
  const removed = expected.filter((element) => !after.has(canonicalText(element)));
  const added = actual.filter((element) => !before.has(canonicalText(element)));
  if (removed.length + added.length === 0) return [];
  return [difference('set_elements', table, { subject, expected: removed, actual: added })];
}

type Where = Partial<Omit<Difference, 'kind' | 'table'>>;

function changed(
  kind: DifferenceKind,
  table: string,
  where: Where,
  expected: Json,
  actual: Json,
): Difference[] {
  if (canonicalText(expected) === canonicalText(actual)) return [];
  return [difference(kind, table, { ...where, expected, actual })];
}

function difference(kind: DifferenceKind, table: string, where: Where): Difference {
  const nowhere = { chain: null, subject: null, position: null, expected: null, actual: null };
  return { kind, table, ...nowhere, ...where };
}

/** The values of two maps under each key of either, by key. */
function pairs<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
): [name: string, T | undefined, T | undefined][] {
  return [...new Set([...a.keys(), ...b.keys()])]
    .sort(compareText)
    .map((name) => [name, a.get(name), b.get(name)]);
}
