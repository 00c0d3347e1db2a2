import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diffRulesets } from '../../../agent/src/core/ruleset/diff.ts';
import {
  type Chain,
  digestRuleset,
  type NamedObject,
  type RulesetDocument,
} from '../../../agent/src/core/ruleset/document.ts';
import { differingGaps } from '../../../agent/src/core/ruleset/sequence.ts';
import type { Json } from '../../../agent/src/wire/primitives.ts';

const chain = (rules: Json[], policy = 'drop', name = 'input'): Chain => ({
  name,
  properties: { type: 'filter', hook: 'input', prio: 0, policy },
  rules,
});
const set = (elements: Json[], properties: { [key: string]: Json } = {}): NamedObject => ({
  kind: 'set',
  name: 's',
  properties,
  elements,
});
const document = (chains: Chain[], objects: NamedObject[] = []): RulesetDocument => ({
  backend: 'nftables',
  tables: [{ family: 'inet', name: 't', properties: {}, chains, objects }],
});
const told = (a: RulesetDocument, b: RulesetDocument) =>
  diffRulesets(a, b).map(({ kind, chain, subject, position }) =>
    [kind, chain ?? subject, position].filter((part) => part !== null).join(' '),
  );

const cases: [title: string, a: RulesetDocument, b: RulesetDocument, told: string[]][] = [
  ['alike', document([chain([1, 2])]), document([chain([1, 2])]), []],
  [
    'added in front',
    document([chain([1, 2])]),
    document([chain([9, 1, 2])]),
    ['rule_added input 1'],
  ],
  ['added behind', document([chain([1, 2])]), document([chain([1, 2, 9])]), ['rule_added input 3']],
  [
    'the same rule twice',
    document([chain([1, 2])]),
    document([chain([1, 1, 2])]),
    ['rule_added input 2'],
  ],
  ['removed', document([chain([1, 2, 3])]), document([chain([1, 3])]), ['rule_removed input 2']],
  ['changed', document([chain([1, 2, 3])]), document([chain([1, 9, 3])]), ['rule_changed input 2']],
  ['moved', document([chain([1, 2, 3])]), document([chain([2, 3, 1])]), ['rule_moved input 3']],
  ['swapped', document([chain([1, 2])]), document([chain([2, 1])]), ['rule_moved input 2']],
  [
    'moved and another changed',
    document([chain([1, 2, 3, 4])]),
    document([chain([2, 9, 4, 1])]),
    ['rule_changed input 2', 'rule_moved input 4'],
  ],
  ['policy', document([chain([])]), document([chain([], 'accept')]), ['policy input']],
  ['chain gone', document([chain([1])]), document([]), ['chain_missing input']],
  ['chain added', document([]), document([chain([1])]), ['chain_added input']],
  ['set gone', document([], [set([1])]), document([]), ['object_missing set s']],
  ['elements', document([], [set([1, 2])]), document([], [set([2, 3])]), ['set_elements set s']],
  [
    'a set’s flag',
    document([], [set([])]),
    document([], [set([], { flags: ['interval'] })]),
    ['object_changed set s'],
  ],
  ['table gone', document([]), { backend: 'nftables', tables: [] }, ['table_missing']],
];
for (const [title, a, b, expected] of cases) {
  test(`difference: ${title}`, () => assert.equal(told(a, b), expected));
}

test('elements that went and that came are named', () => {
  const [difference] = diffRulesets(document([], [set([1, 2])]), document([], [set([2, 3])]));
  assert.equal([difference?.expected, difference?.actual], [[1], [3]]);
});

test('of a chain that is not declared only its rules can be missing', () => {
  const partial: Chain = { name: 'INPUT', properties: { declared: false }, rules: ['-j nixos-fw'] };
  assert.equal(told(document([partial]), document([])), ['rule_removed INPUT 1']);
  assert.equal(told(document([]), document([partial])), ['rule_added INPUT 1']);
});

const rules = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 });

test('there is a difference exactly where the digests differ', () => {
  fc.assert(
    fc.property(rules, rules, (a, b) => {
      const [one, other] = [document([chain(a)]), document([chain(b)])];
      assert.is(diffRulesets(one, other).length === 0, digestRuleset(one) === digestRuleset(other));
    }),
  );
});

test('the gaps leave what is common, in order, and nothing smaller would do', () => {
  fc.assert(
    fc.property(rules, rules, (a, b) => {
      const [before, after] = [a.map(String), b.map(String)];
      const gaps = differingGaps(before, after);
      const from = new Set(gaps.flatMap((gap) => gap.from));
      const to = new Set(gaps.flatMap((gap) => gap.to));
      const common = before.filter((_, index) => !from.has(index));
      assert.equal(
        common,
        after.filter((_, index) => !to.has(index)),
      );
      assert.is(common.length, longestCommon(before, after));
    }),
  );
});

/** By its definition, for short sequences. */
function longestCommon([a, ...as]: string[], b: string[]): number {
  if (a === undefined || b.length === 0) return 0;
  const found = b.indexOf(a);
  const without = longestCommon(as, b);
  return found === -1 ? without : Math.max(without, 1 + longestCommon(as, b.slice(found + 1)));
}

test('sequences too long to align are still told apart', () => {
  const long = (offset: number) =>
    Array.from({ length: 3000 }, (_, index) => String(index + offset));
  const gaps = differingGaps(['same', ...long(0)], ['same', ...long(5000)]);
  assert.equal(
    gaps.map(({ from, to }) => [from.length, to.length, from[0]]),
    [[3000, 3000, 1]],
  );
});

test.run();
