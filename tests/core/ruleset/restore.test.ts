import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readIptablesRuleset } from '../../../agent/src/core/ruleset/iptables.ts';
import { parseIptablesSave } from '../../../agent/src/core/ruleset/iptables-text.ts';
import { iptablesTransaction } from '../../../agent/src/core/ruleset/restore-iptables.ts';
import { nftTransaction } from '../../../agent/src/core/ruleset/restore-nft.ts';
import { readFixture } from '../../support/ruleset.ts';

test('nftables: each declared table is removed, there or not, and loaded, in one transaction', () => {
  const text = 'table inet filter {\n\tchain input {\n\t}\n}\n';
  const document = readFixture('nft-01-baseline.json');
  assert.is(
    nftTransaction({ document, text }, ['inet/filter']),
    `add table inet filter\ndelete table inet filter\n${text}`,
  );
});

const DECLARED = { chains: ['nixos-fw*'], policies: [] };
const save = (chains: string[], rules: string[]) =>
  [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ...chains.map((name) => `:${name} - [0:0]`),
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
const FILLED = ['-A nixos-fw -p tcp --dport 22 -j ACCEPT', '-A nixos-fw -j DROP'];
const REFERENCE = save(['nixos-fw'], ['-A INPUT -j nixos-fw', ...FILLED]);

const cases: [
  title: string,
  chains: string[],
  rules: string[],
  after: string[],
  between: string[],
][] = [
  ['the jump stays where it is', ['nixos-fw'], ['-A INPUT -j f2b', '-A INPUT -j nixos-fw'], [], []],
  [
    'a jump that is missing is appended',
    ['nixos-fw'],
    ['-A INPUT -s 192.0.2.1 -j DROP'],
    ['-A INPUT -j nixos-fw'],
    [],
  ],
  [
    'a jump that is passed goes before what passes it, and behind what blocks',
    ['nixos-fw', 'f2b'],
    [
      '-A INPUT -j f2b',
      '-A INPUT -j ACCEPT',
      '-A INPUT -j nixos-fw',
      '-A f2b -j DROP',
      '-A nixos-fw -j DROP',
    ],
    ['-I INPUT 2 -j nixos-fw'],
    ['-D INPUT -j nixos-fw'],
  ],
  [
    'a jump of another form is taken out',
    ['nixos-fw'],
    ['-A INPUT -i eth0 -j nixos-fw'],
    ['-A INPUT -j nixos-fw'],
    ['-D INPUT -i eth0 -j nixos-fw'],
  ],
];
for (const [title, chains, rules, after, between] of cases) {
  test(`iptables: ${title}`, () => {
    const now = save(chains, rules);
    const text = iptablesTransaction({
      family: 'ip',
      reference: readIptablesRuleset({ v4: REFERENCE, v6: '' }, DECLARED).document,
      actual: parseIptablesSave(now),
      bypasses: readIptablesRuleset({ v4: now, v6: '' }, DECLARED).bypasses,
      declared: DECLARED,
    });
    const expected = [
      '*filter',
      ':nixos-fw - [0:0]',
      ...between,
      ...FILLED,
      ...after,
      'COMMIT',
      '',
    ];
    assert.is(text, expected.join('\n'));
  });
}

test('iptables: a family in which nothing is declared and nothing of ours stands is left alone', () => {
  const reference = readIptablesRuleset({ v4: REFERENCE, v6: '' }, DECLARED).document;
  const actual = parseIptablesSave(save(['DOCKER'], ['-A INPUT -j DOCKER']));
  const none = { family: 'ip6', reference, actual, bypasses: [], declared: DECLARED } as const;
  assert.is(iptablesTransaction(none), '');
});

test.run();
