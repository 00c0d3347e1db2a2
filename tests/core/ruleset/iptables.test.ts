import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diffRulesets } from '../../../agent/src/core/ruleset/diff.ts';
import { digestRuleset } from '../../../agent/src/core/ruleset/document.ts';
import { readIptablesRuleset } from '../../../agent/src/core/ruleset/iptables.ts';
import { ruleTarget } from '../../../agent/src/core/ruleset/iptables-text.ts';
import { FailureError } from '../../../agent/src/wire/failure.ts';
import { inEmptyNamespace, RULESETS, rulesetFile } from '../../support/ruleset.ts';
import { testWith } from '../../support/suite.ts';

const DECLARED = { chains: ['nixos-fw*'], policies: ['filter/FORWARD'] };
const v4 = rulesetFile('iptables-nixos.txt');
const v6 = rulesetFile('ip6tables-nixos.txt');
const read = (text: string) => readIptablesRuleset({ v4: text, v6 }, DECLARED);
const baseline = read(v4);

/** A line before the first COMMIT. */
const withLine = (line: string) => v4.replace('COMMIT', `${line}\nCOMMIT`);
const SSH = '-A nixos-fw -p tcp -m tcp --dport 22 -j nixos-fw-accept';

const unchanged: [title: string, text: string][] = [
  ['counters', v4.replaceAll('[0:0]', '[12:3456]').replaceAll(/^-A/gm, '[7:89] -A')],
  [
    'chains in another order',
    v4.replace(
      ':nixos-fw - [0:0]\n:nixos-fw-accept - [0:0]',
      ':nixos-fw-accept - [0:0]\n:nixos-fw - [0:0]',
    ),
  ],
  ['a chain of Docker’s', withLine(':DOCKER - [0:0]\n-A FORWARD -j DOCKER\n-A DOCKER -j ACCEPT')],
  [
    'a table of Docker’s',
    `${v4}*nat\n:PREROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n-A PREROUTING -j DOCKER\nCOMMIT\n`,
  ],
  ['a policy that is not declared', v4.replace(':OUTPUT ACCEPT', ':OUTPUT DROP')],
];
for (const [title, text] of unchanged) {
  test(`${title} leave the digest of iptables as it is`, () => {
    assert.is.not(text, v4);
    assert.is(digestRuleset(read(text).document), digestRuleset(baseline.document));
    assert.equal(read(text).bypasses, []);
  });
}

const changed: [title: string, text: string, named: string][] = [
  ['a rule gone', v4.replace(`${SSH}\n`, ''), 'rule_removed ip/filter nixos-fw 3'],
  ['another port', v4.replace(SSH, SSH.replace('22', '23')), 'rule_changed ip/filter nixos-fw 3'],
  [
    'another verdict',
    v4.replace('-A nixos-fw-refuse -j DROP', '-A nixos-fw-refuse -j ACCEPT'),
    'rule_changed ip/filter nixos-fw-refuse 1',
  ],
  ['the jump gone', v4.replace('-A INPUT -j nixos-fw\n', ''), 'rule_removed ip/filter INPUT 1'],
  [
    'the jump narrowed',
    v4.replace('-A INPUT -j nixos-fw\n', '-A INPUT -i eth0 -j nixos-fw\n'),
    'rule_changed ip/filter INPUT 1',
  ],
  [
    'the declared policy',
    v4.replace(':FORWARD ACCEPT', ':FORWARD DROP'),
    'policy ip/filter FORWARD',
  ],
  [
    'a chain of a declared name',
    withLine(':nixos-fw-extra - [0:0]'),
    'chain_added ip/filter nixos-fw-extra',
  ],
  ['everything flushed', '', 'table_missing ip/filter'],
];
for (const [title, text, named] of changed) {
  test(`a change of iptables is named: ${title}`, () => {
    assert.equal(
      diffRulesets(baseline.document, read(text).document).map(({ kind, table, chain, position }) =>
        [kind, table, chain, position].filter((part) => part !== null).join(' '),
      ),
      [named],
    );
  });
}

const ahead: [title: string, lines: string, bypasses: number][] = [
  ['a rule that accepts', '-A INPUT -p tcp --dport 4444 -j ACCEPT', 1],
  ['a rule that drops', '-A INPUT -s 192.0.2.1 -j DROP', 0],
  ['a rule that logs', '-A INPUT -j LOG --log-prefix " -j ACCEPT"', 0],
  [
    'a chain that only refuses',
    ':f2b - [0:0]\n-A INPUT -j f2b\n-A f2b -j REJECT\n-A f2b -j RETURN',
    0,
  ],
  [
    'a chain that accepts',
    ':open - [0:0]\n-A INPUT -j open\n-A open -j inner\n:inner - [0:0]\n-A inner -j ACCEPT',
    1,
  ],
  ['chains that call each other', ':a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -j b\n-A b -j a', 0],
];
for (const [title, lines, bypasses] of ahead) {
  test(`before the firewall: ${title}`, () => {
    const jump = '-A INPUT -j nixos-fw\n';
    const text = v4.replace(jump, '').replace('COMMIT', `${lines}\n${jump}COMMIT`);
    assert.is(read(text).bypasses.length, bypasses);
    assert.is(digestRuleset(read(text).document), digestRuleset(baseline.document));
  });
}

test('a rule between a narrow jump and the whole one is a bypass', () => {
  const lines = '-A INPUT -i eth0 -j nixos-fw\n-A INPUT -p tcp -j ACCEPT\n';
  const text = v4.replace('-A INPUT -j nixos-fw', `${lines}-A INPUT -j nixos-fw`);
  assert.equal(
    read(text).bypasses.map(({ chain, position }) => [chain, position]),
    [['INPUT', 2]],
  );
});

test('a chain that is known to precede the firewall is no bypass', () => {
  const chain = ':LIBVIRT_INP - [0:0]\n-A INPUT -j LIBVIRT_INP\n-A LIBVIRT_INP -j ACCEPT';
  const text = v4.replace('-A INPUT -j nixos-fw', `${chain}\n-A INPUT -j nixos-fw`);
  const preceding = ['LIBVIRT_*'];
  assert.is(read(text).bypasses.length, 1);
  assert.equal(readIptablesRuleset({ v4: text, v6 }, { ...DECLARED, preceding }).bypasses, []);
});

test('a rule behind the jump is no bypass', () => {
  assert.equal(read(withLine('-A INPUT -p tcp --dport 4444 -j ACCEPT')).bypasses, []);
});

test('chains of others are named', () => {
  assert.equal(read(withLine(':DOCKER - [0:0]')).foreign, ['ip/filter DOCKER']);
});

const targets: [rule: string, target: string | null][] = [
  ['-p tcp -j ACCEPT', 'ACCEPT'],
  ['-g nixos-fw', 'nixos-fw'],
  ['-m comment --comment "x -j DROP" -j LOG', 'LOG'],
  ['-m comment --comment "a \\" -j DROP" -j RETURN', 'RETURN'],
  ['-p tcp', null],
];
for (const [rule, target] of targets) {
  test(`the target of ${rule} is ${target}`, () => assert.is(ruleTarget(rule), target));
}

for (const text of [
  '{"nftables": []}',
  '-A INPUT -j X',
  '*filter\n:INPUT ACCEPT [0:0]\n',
  '*filter\n-A NONE -j X\nCOMMIT',
]) {
  test(`no text of iptables-save: ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => read(text),
      (error: unknown) => error instanceof FailureError,
    );
  });
}

for (const kind of ['nft', 'legacy']) {
  const tools = [`iptables-${kind}`, `ip6tables-${kind}`, 'unshare'];
  testWith(
    { root: true, tools },
    `iptables-${kind}: a reload changes nothing, one rule does`,
    () => {
      const save = `iptables-${kind}-save; echo ---; ip6tables-${kind}-save; echo ---`;
      // The start script calls iptables by its plain name.
      const texts = inEmptyNamespace(`
      bin=$(mktemp -d); trap 'rm -r "$bin"' EXIT
      for name in iptables ip6tables; do ln -s "$(command -v $name-${kind})" "$bin/$name"; done
      export PATH="$bin:$PATH"
      start() { "${RULESETS}/nixos-firewall-start.sh" > /dev/null; }
      start; ${save}
      for t in iptables ip6tables; do $t -F; $t -X; done
      iptables -N DOCKER; iptables -A FORWARD -j DOCKER
      start; ${save}
      iptables -I nixos-fw 2 -p tcp --dport 4444 -j nixos-fw-accept; ${save}`).split('---\n');
      const documents = [0, 2, 4].map(
        (index) =>
          readIptablesRuleset({ v4: texts[index] ?? '', v6: texts[index + 1] ?? '' }, DECLARED)
            .document,
      );
      const [first, again, opened] = documents;
      assert.ok(first && again && opened && first.tables.length === 2);
      assert.is(digestRuleset(first), digestRuleset(again));
      assert.equal(
        diffRulesets(first, opened).map(({ kind, chain, position }) => [kind, chain, position]),
        [['rule_added', 'nixos-fw', 2]],
      );
    },
  );
}

test.run();
