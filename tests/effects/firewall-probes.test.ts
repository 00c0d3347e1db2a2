// The probes as their units run them: the built program, in a network namespace of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestRuleset } from '../../agent/src/core/ruleset/document.ts';
import { ReferenceListing, RulesetListing } from '../../agent/src/core/ruleset/listing-schema.ts';
import { missingInterfaces } from '../../agent/src/core/ruleset/nft-errors.ts';
import { describeFailure } from '../../agent/src/wire/failure.ts';
import { ProbeDocument } from '../../agent/src/wire/probe-document.ts';
import { inEmptyNamespace, RULESETS } from '../support/ruleset.ts';
import { DIST, testWith } from '../support/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'firewall-probes-'));
test.after(() => rmSync(folder, { recursive: true }));
const nft = { root: true, tools: ['nft', 'ip', 'unshare'] };
const iptables = { root: true, tools: ['iptables-save', 'ip6tables-save', 'unshare'] };

const NFT_FILE = join(RULESETS, 'nft-01-baseline.nft');
const nftSection = { backend: 'nftables', tables: ['inet/filter'], reference: { file: NFT_FILE } };
const script = join(RULESETS, 'nixos-firewall-start.sh');
const iptablesSection = { backend: 'iptables', reference: { script } };

/** Runs a probe after `before` in one empty namespace; `as` stands before the program. */
function probe(name: string, section: object, { before = '', as = '' } = {}): ProbeDocument {
  const config = join(folder, 'config.yaml');
  const baseline = join(folder, 'baseline.json');
  writeFileSync(baseline, JSON.stringify({ version: 1, checks: { firewall: section } }));
  writeFileSync(config, `baseline_path: ${baseline}\n`);
  const program = `${process.execPath} ${join(DIST, 'compliance-agent.js')}`;
  const answer = inEmptyNamespace(`${before}\n${as} ${program} probe ${name} --config ${config}`);
  return ProbeDocument.parse(JSON.parse(answer));
}

function data(document: ProbeDocument): unknown {
  if (!document.ok) throw new Error(describeFailure(document.error));
  return document.data;
}

const failure = (document: ProbeDocument) => (document.ok ? null : document.error);

testWith(nft, 'the reference is what the kernel lists once the declared file is loaded', () => {
  const reference = ReferenceListing.parse(data(probe('firewall-reference', nftSection)));
  const before = `nft -f ${NFT_FILE}; nft add table ip docker`;
  const kernel = RulesetListing.parse(data(probe('firewall', nftSection, { before })));
  assert.is(digestRuleset(kernel.document), digestRuleset(reference.document));
  assert.equal(kernel.foreign, ['ip/docker']);
  assert.match(reference.text ?? '', 'table inet filter {');
});

testWith(iptables, 'so it is with iptables', () => {
  const reference = ReferenceListing.parse(data(probe('firewall-reference', iptablesSection)));
  const before = `${script}; iptables -N DOCKER`;
  const kernel = RulesetListing.parse(data(probe('firewall', iptablesSection, { before })));
  assert.is(digestRuleset(kernel.document), digestRuleset(reference.document));
  assert.equal(kernel.foreign, ['ip/filter DOCKER']);
});

testWith(nft, 'interfaces that the rules name by index get placeholders', () => {
  const file = join(folder, 'interfaces.nft');
  const rules = 'iif "wg0" accept; oif { "lan1", lo, lan2 } drop; iifname "ppp*" accept;';
  writeFileSync(
    file,
    `table inet t {\n chain c { type filter hook input priority 0; ${rules} }\n}\n`,
  );
  const section = { backend: 'nftables', tables: ['inet/t'], reference: { file } };
  const found = ReferenceListing.parse(data(probe('firewall-reference', section)));
  const text = JSON.stringify(found.document);
  for (const name of ['wg0', 'lan1', 'lan2']) assert.match(text, `"${name}"`);
});

const refused: [title: string, name: string, section: object, options: object, told: string][] = [
  [
    'a namespace with a table',
    'firewall-reference',
    nftSection,
    { before: 'nft add table ip x' },
    'rejected (reason the network namespace is not empty: it has rules)',
  ],
  [
    'a namespace with an interface',
    'firewall-reference',
    nftSection,
    { before: 'ip link add br9 type bridge' },
    'rejected (reason the network namespace is not empty: it has interfaces)',
  ],
  [
    'a file that does not load',
    'firewall-reference',
    { ...nftSection, reference: { file: script } },
    {},
    'tool_failed (exit_code 1, tool nft)',
  ],
  [
    'a script that is not there',
    'firewall-reference',
    { ...iptablesSection, reference: { script: '/nonexistent' } },
    {},
    'tool_missing (tool reference script)',
  ],
  [
    'a script that fails',
    'firewall-reference',
    { ...iptablesSection, reference: { script: '/bin/false' } },
    {},
    'tool_failed (exit_code 1, tool reference script)',
  ],
  ['firewalld', 'firewall', { backend: 'firewalld' }, {}, 'unsupported (backend firewalld)'],
  [
    'no capability',
    'firewall',
    nftSection,
    { as: 'setpriv --bounding-set=-all --inh-caps=-all' },
    'denied (exit_code 1, errno EPERM, tool nft)',
  ],
  [
    'an expression of iptables in a declared table',
    'firewall',
    { ...nftSection, tables: ['ip/filter'] },
    { before: script },
    'unsupported (backend nftables, reason xt expression in ip/filter)',
  ],
];
for (const [title, name, section, options, told] of refused) {
  testWith(
    { ...nft, tools: [...nft.tools, 'setpriv', 'iptables'] },
    `a probe refuses ${title}`,
    () => {
      const error = failure(probe(name, section, options));
      assert.is(error && describeFailure(error), told);
    },
  );
}

testWith(
  { ...nft, tools: [...nft.tools, 'setpriv'] },
  'CAP_NET_ADMIN alone is enough for both',
  () => {
    const as = 'setpriv --bounding-set=-all,+net_admin --inh-caps=-all,+net_admin';
    assert.ok(probe('firewall', nftSection, { as }).ok);
    assert.ok(probe('firewall-reference', nftSection, { as }).ok);
    assert.ok(probe('firewall-reference', iptablesSection, { as }).ok);
  },
);

test('nft underlines the interface that it misses', () => {
  const stderr = [
    'x.nft:2:9-14: Error: Interface does not exist',
    '\tchain c { iif "eth7" accept; }',
    '\t              ^^^^^^',
    'x.nft:3:1-4: Error: syntax error',
    'boom',
    '^^^^',
  ].join('\n');
  assert.equal(missingInterfaces(stderr), ['eth7']);
});

test.run();
