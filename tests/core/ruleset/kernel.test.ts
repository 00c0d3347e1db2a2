// What the real kernel and the real nft make of a ruleset, in network namespaces of their own.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diffRulesets } from '../../../agent/src/core/ruleset/diff.ts';
import { digestRuleset, type RulesetDocument } from '../../../agent/src/core/ruleset/document.ts';
import { readNftRuleset } from '../../../agent/src/core/ruleset/nftables.ts';
import { inEmptyNamespace, kernelListings, RULESETS } from '../../support/ruleset.ts';
import { testWith } from '../../support/suite.ts';

const need = { root: true, tools: ['nft', 'unshare'] };

/** Each lists as something different from every other. */
const RULES = [
  'tcp dport 22 accept',
  'tcp dport 22 drop',
  'tcp dport 23 accept',
  'tcp dport { 80, 443 } accept',
  'tcp dport { 80, 444 } accept',
  'udp dport 53 counter accept',
  'udp dport 53 accept',
  'ip saddr 10.0.0.0/8 drop',
  'ip saddr 10.0.0.0/9 drop',
  'ip saddr @admins tcp dport 8443 accept',
  'ct state established,related accept',
  'ct state vmap { invalid : drop, established : accept }',
  'ct state vmap { invalid : drop, established : jump other }',
  'iifname "eth0" accept',
  'iif "lo" accept',
  'ip6 saddr fe80::/64 udp dport 546 accept',
  'icmpv6 type != { nd-redirect, 139 } accept',
  'limit rate 5/second burst 5 packets log prefix "x: " drop',
  'limit rate 6/second burst 5 packets log prefix "x: " drop',
  'meta l4proto . th dport { tcp . 22, udp . 53 } accept',
  'ip daddr 192.0.2.1 reject with icmp type host-unreachable',
  'tcp flags syn / fin,syn,rst,ack log level info',
  'meta mark set 0xffffffff',
  'quota over 25 mbytes drop',
  'jump other',
  'return',
];

type Ruleset = {
  input: string[];
  other: string[];
  policy: string;
  admins: string[];
  flags: string;
};

const ruleset: fc.Arbitrary<Ruleset> = fc.record({
  input: fc.array(fc.constantFrom(...RULES), { minLength: 1, maxLength: 8 }),
  other: fc.array(fc.constantFrom(...RULES.filter((rule) => !rule.includes('other'))), {
    maxLength: 4,
  }),
  policy: fc.constantFrom('accept', 'drop'),
  admins: fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 4 }),
  flags: fc.constantFrom('', 'flags interval;'),
});

const script = ({ input, other, policy, admins, flags }: Ruleset) => `
add table inet t
delete table inet t
table inet t {
  set admins { type ipv4_addr; ${flags} elements = { ${admins.join(', ')} } }
  set seen { type ipv4_addr; flags dynamic,timeout; timeout 1h; }
  chain other {
    ${other.join('\n    ')}
  }
  chain input {
    type filter hook input priority filter; policy ${policy};
    ${input.join('\n    ')}
  }
}
`;

const read = (text: string | undefined): RulesetDocument =>
  readNftRuleset(text ?? '', { tables: ['inet/t'] }).document;

testWith(need, 'loading a ruleset again, with traffic between, changes no digest', () => {
  fc.assert(
    fc.property(ruleset, (generated) => {
      const nothing = `add element inet t seen { 192.0.2.77 }\n`;
      const listings = kernelListings(script(generated), nothing, script(generated));
      assert.is(listings.length, 3);
      assert.is(new Set(listings).size, 3, 'nft’s own listings do differ');
      assert.is(new Set(listings.map((text) => digestRuleset(read(text)))).size, 1);
    }),
    { numRuns: 15 },
  );
});

type Change = { change: (from: Ruleset) => Ruleset; subject: string };

/** Every single change that a generated ruleset allows. */
function changes(from: Ruleset): Change[] {
  const inInput = (input: string[]): Change => ({
    change: (ruleset) => ({ ...ruleset, input }),
    subject: 'input',
  });
  const { input } = from;
  const unlike = (rule: string) => RULES.find((other) => other !== rule) ?? '';
  return [
    ...input.map((_, index) => inInput(input.toSpliced(index, 1))),
    ...input.map((rule, index) => inInput(input.toSpliced(index, 0, unlike(rule)))),
    ...input.map((rule, index) => inInput(input.toSpliced(index, 1, unlike(rule)))),
    ...input.flatMap((rule, index) => {
      const next = input[index + 1];
      return next === undefined || next === rule
        ? []
        : [inInput(input.toSpliced(index, 2, next, rule))];
    }),
    {
      change: (ruleset) => ({ ...ruleset, policy: ruleset.policy === 'drop' ? 'accept' : 'drop' }),
      subject: 'input',
    },
    {
      change: (ruleset) => ({ ...ruleset, admins: [...ruleset.admins, '198.51.100.9'] }),
      subject: 'set admins',
    },
    {
      change: (ruleset) => ({ ...ruleset, flags: ruleset.flags === '' ? 'flags interval;' : '' }),
      subject: 'set admins',
    },
    {
      change: (ruleset) => ({ ...ruleset, other: [...ruleset.other, 'udp dport 9 drop'] }),
      subject: 'other',
    },
  ];
}

testWith(need, 'every single change changes the digest, and the difference names its place', () => {
  fc.assert(
    fc.property(ruleset, (generated) => {
      const all = changes(generated);
      const scripts = all.map(({ change }) => script(change(generated)));
      const [first, ...listings] = kernelListings(script(generated), ...scripts);
      assert.is(listings.length, all.length);
      const before = read(first);
      for (const [index, { subject }] of all.entries()) {
        const after = read(listings[index]);
        const named = diffRulesets(before, after).map((one) => one.chain ?? one.subject);
        assert.is.not(digestRuleset(after), digestRuleset(before), scripts[index] ?? '');
        assert.equal([...new Set(named)], [subject], scripts[index] ?? '');
      }
    }),
    { numRuns: 6 },
  );
});

testWith(
  need,
  'objects of every kind are read, and packets that were counted change nothing',
  () => {
    const [before, after] = inEmptyNamespace(
      `
    ip link set lo up
    nft -f - <<'END'
table inet t {
  counter hits { packets 0 bytes 0 }
  quota budget { over 10 mbytes }
  limit slow { rate 5/second }
  ct helper ftp { type "ftp" protocol tcp; l3proto ip; }
  ct timeout brief { protocol tcp; l3proto ip; policy = { established : 132 }; }
  map ports { type inet_service : verdict; elements = { 22 : accept, 23 : drop } }
  set seen { type ipv4_addr; size 16; flags dynamic,timeout; timeout 5m; }
  chain output {
    type filter hook output priority 0;
    counter name hits
    quota name budget drop
    counter packets 3 bytes 99
    update @seen { ip daddr }
    tcp dport vmap @ports
    oif "lo" ip protocol icmp ct helper set "ftp"
    meta mark 18446744 accept
  }
}
END
    nft -j list ruleset; echo; echo ---
    "$NODE" -e 'const s = require("dgram").createSocket("udp4"); s.send("x", 9, "127.0.0.1", () => s.close())'
    nft -j list ruleset`,
      { env: { NODE: process.execPath } },
    ).split('---\n');
    assert.is.not(before?.trim(), after?.trim(), 'traffic did change the listing');
    assert.match(after ?? '', '127.0.0.1');
    assert.is(digestRuleset(read(before)), digestRuleset(read(after)));
    const [table] = read(before).tables;
    assert.equal(
      table?.objects.map(({ kind, name }) => `${kind} ${name}`),
      [
        'counter hits',
        'ct helper ftp',
        'ct timeout brief',
        'limit slow',
        'map ports',
        'quota budget',
        'set seen',
      ],
    );
  },
);

const NIXOS = ['inet/nixos-fw', 'ip/nixos-nat'];

testWith(need, 'each rule of the firewall of NixOS is missed when it is gone, and named', () => {
  const listings = inEmptyNamespace(`
    load() { nft -f ${RULESETS}/nixos-nftables.nft; nft -j list ruleset; echo; echo ---; }
    load
    count=$(nft -a list ruleset | grep -c '^\t\t.*# handle [0-9]*$')
    for index in $(seq "$count"); do
      nft flush ruleset
      nft -f ${RULESETS}/nixos-nftables.nft
      nft -a list ruleset | awk -v index_="$index" '
        /^table/ { table = $2 " " $3 } /^\tchain/ { chain = $2 }
        /^\t\t.*# handle [0-9]+$/ && ++seen == index_ { print "delete rule", table, chain, "handle", $NF }
      ' | nft -f -
      nft -j list ruleset; echo; echo ---
    done
    nft flush ruleset; load`)
    .split('---\n')
    .slice(0, -1)
    .map((text) => readNftRuleset(text, { tables: NIXOS }).document);
  const [first, ...gone] = listings;
  const last = gone.pop();
  assert.ok(first && last && gone.length > 20);
  assert.is(digestRuleset(first), digestRuleset(last));
  const named = gone.map((document) =>
    diffRulesets(first, document).map(({ kind, table, chain, position }) =>
      [kind, table, chain, position].join(' '),
    ),
  );
  const every = first.tables.flatMap((table) =>
    table.chains.flatMap(({ name, rules }) =>
      rules.map((_, index) => `rule_removed ${table.family}/${table.name} ${name} ${index + 1}`),
    ),
  );
  assert.equal(named.map(([one]) => one).sort(), every.sort());
  assert.ok(named.every((differences) => differences.length === 1));
});

test.run();
