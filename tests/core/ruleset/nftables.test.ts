import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestRuleset } from '../../../agent/src/core/ruleset/document.ts';
import { readNftRuleset } from '../../../agent/src/core/ruleset/nftables.ts';
import { FailureError } from '../../../agent/src/wire/failure.ts';
import type { Json } from '../../../agent/src/wire/primitives.ts';
import { readFixture, rulesetFile } from '../../support/ruleset.ts';

const BASELINE = digestRuleset(readFixture('nft-01-baseline.json'));

const samples: [file: string, alike: boolean, why: string][] = [
  ['nft-1.0.6-baseline.json', true, 'nft 1.0.6 lists sets before chains, 1.1.3 after them'],
  ['nft-02-after-traffic.json', true, 'counters have counted'],
  ['nft-03-dynamic-element.json', true, 'a set with a timeout has an element'],
  ['nft-04-rogue-rule.json', false, 'a rule was inserted'],
  ['nft-05-rogue-table-deleted-rule.json', false, 'a rule was inserted and one deleted'],
  ['nft-06-healed.json', true, 'the ruleset was loaded again, with other handles'],
  ['nft-07-flushed.json', false, 'nothing is left'],
  ['nft-09-cap-net-admin-only.json', true, 'listed with CAP_NET_ADMIN alone'],
];
for (const [file, alike, why] of samples) {
  test(`${file} ${alike ? 'has' : 'has not'} the baseline’s digest: ${why}`, () => {
    assert.is(digestRuleset(readFixture(file)) === BASELINE, alike);
  });
}

test('tables that are not declared are named and not read', () => {
  const text = rulesetFile('nft-05-rogue-table-deleted-rule.json');
  assert.equal(readNftRuleset(text, { tables: ['inet/filter'] }).foreign, ['ip/evil']);
});

type Item = Record<string, Json>;
const listing = (...items: Item[]) => JSON.stringify({ nftables: items as Json[] });
const at = { family: 'inet', table: 't' };
const TABLE: Item = { table: { family: 'inet', name: 't', handle: 1 } };
const CHAIN: Item = { chain: { ...at, name: 'c', handle: 1 } };
const rule = (...expr: Json[]): Item => ({ rule: { ...at, chain: 'c', handle: 7, expr } });
const digest = (text: string) => digestRuleset(readNftRuleset(text).document);

const pairs: [title: string, alike: boolean, a: Item[], b: Item[]][] = [
  [
    'the order of an anonymous set means nothing',
    true,
    [rule({ set: [1, 2] })],
    [rule({ set: [2, 1] })],
  ],
  [
    'nor that of a verdict map',
    true,
    [
      rule({
        vmap: {
          key: 'k',
          data: {
            set: [
              ['a', { accept: null }],
              ['b', { drop: null }],
            ],
          },
        },
      }),
    ],
    [
      rule({
        vmap: {
          key: 'k',
          data: {
            set: [
              ['b', { drop: null }],
              ['a', { accept: null }],
            ],
          },
        },
      }),
    ],
  ],
  ['that of a concatenation does', false, [rule({ concat: [1, 2] })], [rule({ concat: [2, 1] })]],
  ['that of a range does', false, [rule({ range: [1, 2] })], [rule({ range: [2, 1] })]],
  [
    'that of statements does',
    false,
    [rule({ log: null }, { drop: null })],
    [rule({ drop: null }, { log: null })],
  ],
  [
    'that of flags does not',
    true,
    [rule({ fib: { flags: ['saddr', 'iif'] } })],
    [rule({ fib: { flags: ['iif', 'saddr'] } })],
  ],
  [
    'a single flag may stand without its list',
    true,
    [rule({ fib: { flags: ['iif'] } })],
    [rule({ fib: { flags: 'iif' } })],
  ],
  [
    'a counter’s value is state',
    true,
    [rule({ counter: { packets: 1, bytes: 9 } })],
    [rule({ counter: null })],
  ],
  ['a counter’s name is not', false, [rule({ counter: 'a' })], [rule({ counter: 'b' })]],
  [
    'that there is a counter is not',
    false,
    [rule({ counter: null }, { drop: null })],
    [rule({ drop: null })],
  ],
  [
    'quota use is state',
    true,
    [rule({ quota: { val: 5, used: 1, used_unit: 'bytes' } })],
    [rule({ quota: { val: 5 } })],
  ],
  ['a quota is not', false, [rule({ quota: { val: 5 } })], [rule({ quota: { val: 6 } })]],
  [
    'a named counter’s value is state',
    true,
    [{ counter: { ...at, name: 'n', handle: 4, packets: 1, bytes: 2 } }],
    [{ counter: { ...at, name: 'n', handle: 9, packets: 5, bytes: 6 } }],
  ],
  [
    'so is a named quota’s use, and not its size',
    false,
    [{ quota: { ...at, name: 'n', handle: 4, bytes: 100, used: 2 } }],
    [{ quota: { ...at, name: 'n', handle: 4, bytes: 101, used: 2 } }],
  ],
  [
    'elements of a static set are declared, in any order',
    true,
    [{ set: { ...at, name: 's', type: 'ipv4_addr', elem: ['10.0.0.1', '10.0.0.2'] } }],
    [{ set: { ...at, name: 's', type: 'ipv4_addr', elem: ['10.0.0.2', '10.0.0.1'] } }],
  ],
  [
    'one more element of a static set is a change',
    false,
    [{ set: { ...at, name: 's', type: 'ipv4_addr', elem: ['10.0.0.1'] } }],
    [{ set: { ...at, name: 's', type: 'ipv4_addr', elem: ['10.0.0.1', '10.0.0.2'] } }],
  ],
  [
    'counters of elements are state',
    true,
    [
      {
        set: { ...at, name: 's', elem: [{ elem: { val: 1, counter: { packets: 3, bytes: 4 } } }] },
      },
    ],
    [
      {
        set: { ...at, name: 's', elem: [{ elem: { val: 1, counter: { packets: 0, bytes: 0 } } }] },
      },
    ],
  ],
  [
    'elements of a dynamic set are state',
    true,
    [{ set: { ...at, name: 's', flags: ['dynamic'], elem: ['10.0.0.1'] } }],
    [{ set: { ...at, name: 's', flags: ['dynamic'] } }],
  ],
  [
    'that a set is dynamic is not',
    false,
    [{ set: { ...at, name: 's', flags: ['dynamic'] } }],
    [{ set: { ...at, name: 's' } }],
  ],
  [
    'a map’s values are declared',
    false,
    [{ map: { ...at, name: 'm', type: 'mark', map: 'verdict', elem: [[1, { drop: null }]] } }],
    [{ map: { ...at, name: 'm', type: 'mark', map: 'verdict', elem: [[1, { accept: null }]] } }],
  ],
  [
    'so is every object that this program has never heard of',
    false,
    [{ 'ct future': { ...at, name: 'x', handle: 1, value: 1 } }],
    [{ 'ct future': { ...at, name: 'x', handle: 1, value: 2 } }],
  ],
  [
    'a rule’s comment is part of it',
    false,
    [{ rule: { ...at, chain: 'c', expr: [], comment: 'a' } }],
    [{ rule: { ...at, chain: 'c', expr: [] } }],
  ],
];
for (const [title, alike, a, b] of pairs) {
  test(title, () => {
    assert.is(digest(listing(TABLE, CHAIN, ...a)) === digest(listing(TABLE, CHAIN, ...b)), alike);
  });
}

test('integers beyond a double’s reach keep all their digits', () => {
  const big = (value: string) =>
    listing(TABLE, CHAIN, rule({ match: { right: 'HERE' } })).replace('"HERE"', value);
  assert.is.not(digest(big('18446744073709551615')), digest(big('18446744073709551614')));
  const [table] = readNftRuleset(big('18446744073709551615')).document.tables;
  assert.equal(table?.chains[0]?.rules, [{ expr: [{ match: { right: '18446744073709551615' } }] }]);
});

test('a long static set is stated by count and digest, and one element still counts', () => {
  const set = (last: number) =>
    listing(TABLE, { set: { ...at, name: 's', elem: [...Array(5000).keys(), last] } });
  const elements = readNftRuleset(set(6000)).document.tables[0]?.objects[0]?.elements;
  assert.is((elements as { count: number }).count, 5001);
  assert.is.not(digest(set(6000)), digest(set(6001)));
});

const refused: [title: string, text: string, code: string][] = [
  ['no JSON', 'table inet filter {', 'malformed'],
  ['another document', '{"tables": []}', 'malformed'],
  ['a list', '[]', 'malformed'],
  ['an entry that is no object', '{"nftables": [3]}', 'malformed'],
  ['a rule without its chain', listing(TABLE, rule()), 'malformed'],
  [
    'an expression of iptables in a declared table',
    listing(TABLE, CHAIN, rule({ xt: null })),
    'unsupported',
  ],
  [
    'one deep inside a statement',
    listing(TABLE, CHAIN, rule({ match: { left: { xt: { type: 'match', name: 'tcp' } } } })),
    'unsupported',
  ],
];
for (const [title, text, code] of refused) {
  test(`refused: ${title}`, () => {
    assert.throws(
      () => readNftRuleset(text),
      (error: unknown) => error instanceof FailureError && error.failure.code === code,
    );
  });
}

test('an expression of iptables in a foreign table is none of our business', () => {
  const text = listing(TABLE, CHAIN, rule({ xt: null }));
  assert.equal(readNftRuleset(text, { tables: ['inet/other'] }).foreign, ['inet/t']);
});

test('whatever order a listing gives to what has none, its document is the same', () => {
  const items: Item[] = [
    ...['a', 'b', 'c'].map((name): Item => ({ chain: { ...at, name } })),
    ...['x', 'y'].map((name): Item => ({ set: { ...at, name, type: 'mark' } })),
    { flowtable: { ...at, name: 'f', dev: ['eth0', 'eth1'] } },
    { limit: { ...at, name: 'l', rate: 5 } },
  ];
  const expected = digest(listing(TABLE, ...items));
  fc.assert(
    fc.property(
      fc.shuffledSubarray(items, { minLength: items.length }),
      fc.integer({ min: 1, max: 999 }),
      (shuffled, handle) => {
        const handled = shuffled.map((item) =>
          Object.fromEntries(
            Object.entries(item).map(([kind, body]) => [kind, { ...(body as object), handle }]),
          ),
        ) as Item[];
        assert.is(digest(listing(TABLE, ...handled)), expected);
      },
    ),
  );
});

test.run();
