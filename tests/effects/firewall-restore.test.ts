// The remedy on the real kernel: drift in a network namespace of its own, with tables of others beside.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digestRuleset } from '../../agent/src/core/ruleset/document.ts';
import { readListing } from '../../agent/src/core/ruleset/listing.ts';
import { ReferenceListing } from '../../agent/src/core/ruleset/listing-schema.ts';
import { FirewallSection, type ReadableSection } from '../../agent/src/core/ruleset/section.ts';
import type { Restored } from '../../agent/src/effects/firewall/restore.ts';
import { Action } from '../../agent/src/wire/evidence.ts';
import { ProbeDocument } from '../../agent/src/wire/probe-document.ts';
import { inEmptyNamespace, RULESETS } from '../support/ruleset.ts';
import { DIST, REPOSITORY, testWith } from '../support/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'firewall-restore-'));
test.after(() => rmSync(folder, { recursive: true }));
const PROGRAM = join(REPOSITORY, 'agent/.build/tests/support/restore-firewall.js');
const nft = { root: true, tools: ['nft', 'unshare'] };
const iptables = { root: true, tools: ['iptables-restore', 'ip6tables-restore', 'unshare'] };

const FILE = join(RULESETS, 'nft-01-baseline.nft');
const START = join(RULESETS, 'nixos-firewall-start.sh');
const NFT = readable({ backend: 'nftables', tables: ['inet/filter'], reference: { file: FILE } });
const IPTABLES = readable({ backend: 'iptables', reference: { script: START } });

function readable(section: object): ReadableSection {
  return FirewallSection.parse(section) as ReadableSection;
}

const references = new Map<ReadableSection, ReferenceListing>();

function referenceOf(section: ReadableSection): ReferenceListing {
  const known = references.get(section) ?? askReference(section);
  references.set(section, known);
  return known;
}

/** As the probe’s unit would. */
function askReference(section: ReadableSection): ReferenceListing {
  const [config, baseline] = [join(folder, 'config.yaml'), join(folder, 'baseline.json')];
  writeFileSync(baseline, JSON.stringify({ version: 1, checks: { firewall: section } }));
  writeFileSync(config, `baseline_path: ${baseline}\n`);
  const program = `${process.execPath} ${join(DIST, 'compliance-agent.js')}`;
  const answer = inEmptyNamespace(`${program} probe firewall-reference --config ${config}`);
  const document = ProbeDocument.parse(JSON.parse(answer));
  if (!document.ok) throw new Error(JSON.stringify(document.error));
  return ReferenceListing.parse(document.data);
}

type Heal = { section: ReadableSection; reference: ReferenceListing; before: string };

/** Drifts, restores, and gives the result with the listings before and after. */
function heal({ section, reference, before }: Heal) {
  const file = join(folder, 'reference.json');
  writeFileSync(file, JSON.stringify(reference));
  const list =
    section.backend === 'nftables'
      ? 'nft -s list ruleset; echo; echo ---; nft -j list ruleset; echo; echo ---'
      : 'iptables-save; echo ---; ip6tables-save; echo ---';
  const [a = '', b = '', result = '', c = '', d = ''] = inEmptyNamespace(
    `${before}
    ${list}
    "$NODE" "$PROGRAM" "$SECTION" ${file}; echo ---
    ${list}`,
    { env: { NODE: process.execPath, PROGRAM, SECTION: JSON.stringify(section) } },
  ).split('---\n');
  const digest = (one: string, other: string) =>
    digestRuleset(
      readListing(
        section.backend === 'nftables'
          ? { backend: 'nftables', json: other }
          : { backend: 'iptables', v4: one, v6: other },
        section,
      ).document,
    );
  const restored = JSON.parse(result) as Restored;
  for (const action of restored.actions) Action.parse(action);
  return { restored, before: a, after: c, digestBefore: digest(a, b), digestAfter: digest(c, d) };
}

const told = ({ outcome, actions, error }: Restored) =>
  [outcome, error?.code, ...actions.map(({ action, result }) => `${action} ${result}`)].filter(
    (part) => part !== undefined,
  );

const DOCKER = `nft -f - <<'END'
table ip docker {
  set learned { type ipv4_addr; flags dynamic,timeout; timeout 1h; elements = { 203.0.113.5 timeout 1h } }
  chain forward { type filter hook forward priority filter; policy accept; ip saddr 172.17.0.0/16 counter packets 5 bytes 500 accept; }
}
END`;
const docker = (listing: string) =>
  /table ip docker \{[\s\S]*?\n\}/.exec(listing)?.[0].replace(/expires \S+/g, '');

const nftDrift: [title: string, drift: string][] = [
  ['a rule inserted', 'nft insert rule inet filter input tcp dport 4444 accept'],
  ['the chain emptied', 'nft flush chain inet filter input'],
  ['the policy opened', "nft 'chain inet filter input { policy accept; }'"],
  ['the table deleted', 'nft delete table inet filter'],
  ['an element added', 'nft add element inet filter admins { 192.0.2.66 }'],
  ['a chain added', "nft add chain inet filter extra '{ type filter hook input priority -500; }'"],
];
for (const [title, drift] of nftDrift) {
  testWith(nft, `nftables are put back: ${title}`, () => {
    const reference = referenceOf(NFT);
    const before = `nft -f ${FILE}\n${DOCKER}\n${drift}`;
    const healed = heal({ section: NFT, reference, before });
    assert.is.not(healed.digestBefore, digestRuleset(reference.document));
    assert.is(healed.digestAfter, digestRuleset(reference.document));
    assert.ok(docker(healed.before));
    assert.is(docker(healed.after), docker(healed.before), 'the foreign table is untouched');
    assert.equal(told(healed.restored), [
      'success',
      'read_reference ok',
      'list_ruleset ok',
      'load_tables ok',
      'verify_ruleset ok',
    ]);
  });
}

testWith(nft, 'the firewall of NixOS is put back, every table of it', () => {
  const file = join(RULESETS, 'nixos-nftables.nft');
  const tables = ['inet/nixos-fw', 'ip/nixos-nat'];
  const section = readable({ backend: 'nftables', tables, reference: { file } });
  const drift = `
    nft add element inet nixos-fw temp-ports { tcp . 8080 }
    nft flush chain inet nixos-fw input
    nft delete table ip nixos-nat`;
  const reference = referenceOf(section);
  const healed = heal({ section, reference, before: `nft -f ${file}\n${DOCKER}${drift}` });
  assert.is(healed.restored.outcome, 'success');
  assert.is(healed.digestAfter, digestRuleset(reference.document));
  assert.is(docker(healed.after), docker(healed.before));
});

testWith(nft, 'what a declared table learned begins anew', () => {
  const drift =
    'nft add element inet filter blocked { 192.0.2.77 }; nft flush chain inet filter input';
  const before = `nft -f ${FILE}\n${drift}`;
  const { before: was, after } = heal({ section: NFT, reference: referenceOf(NFT), before });
  assert.match(was, '192.0.2.77');
  assert.not.match(after, '192.0.2.77');
});

testWith(nft, 'nothing is loaded where nothing has drifted', () => {
  const before = `nft -f ${FILE}; nft add element inet filter blocked { 192.0.2.77 }`;
  const { restored, after } = heal({ section: NFT, reference: referenceOf(NFT), before });
  assert.equal(told(restored), ['success', 'read_reference ok', 'list_ruleset ok']);
  assert.match(after, '192.0.2.77');
});

testWith(nft, 'a transaction that the kernel refuses changes nothing', () => {
  const reference = referenceOf(NFT);
  const text = (reference.text ?? '').replace('iif "lo" accept', 'jump nowhere');
  const before = `nft -f ${FILE}\n${DOCKER}\nnft flush chain inet filter output`;
  const drifted = `${before}\nnft flush chain inet filter input`;
  const healed = heal({ section: NFT, reference: { ...reference, text }, before: drifted });
  assert.equal(told(healed.restored), [
    'failed',
    'tool_failed',
    'read_reference ok',
    'list_ruleset ok',
    'load_tables failed',
  ]);
  assert.is(healed.after, healed.before);
});

const unfit: [title: string, change: (reference: ReferenceListing) => object][] = [
  ['flushes', ({ text, ...rest }) => ({ ...rest, text: `flush ruleset\n${text}` })],
  [
    'names another table',
    ({ text, ...rest }) => ({ ...rest, text: `${text}\ntable ip docker {\n}\n` }),
  ],
  ['includes a file', ({ text, ...rest }) => ({ ...rest, text: `include "/etc/x"\n${text}` })],
  [
    'lacks the declared table',
    (reference) => ({ ...reference, document: { backend: 'nftables', tables: [] } }),
  ],
  ['has no text', (reference) => ({ ...reference, text: null })],
  ['is something else', () => ({ hello: 1 })],
];
for (const [title, change] of unfit) {
  testWith(nft, `a reference is not loaded that ${title}`, () => {
    const reference = change(referenceOf(NFT)) as ReferenceListing;
    const before = `nft -f ${FILE}\n${DOCKER}\nnft flush chain inet filter input`;
    const healed = heal({ section: NFT, reference, before });
    assert.equal(told(healed.restored).slice(0, 2), ['failed', 'malformed']);
    assert.is(healed.after, healed.before);
  });
}

const FOREIGN = `
  iptables -N DOCKER; iptables -A FORWARD -j DOCKER; iptables -A DOCKER -s 172.17.0.0/16 -j ACCEPT
  iptables -t nat -N DOCKER; iptables -t nat -A PREROUTING -j DOCKER
  iptables -N f2b; iptables -A f2b -s 192.0.2.9 -j REJECT; iptables -A f2b -j RETURN; iptables -I INPUT -j f2b`;
/** Everything that is not the declared chains’ own. */
const foreign = (listing: string) =>
  listing
    .split('\n')
    .filter((line) => line !== '' && !line.includes('nixos-fw') && !line.startsWith('#'))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ''));

const drifts: [title: string, drift: string][] = [
  ['a rule deleted', 'iptables -D nixos-fw -p tcp --dport 22 -j nixos-fw-accept'],
  ['a rule inserted', 'ip6tables -I nixos-fw 1 -p tcp --dport 4444 -j nixos-fw-accept'],
  ['a verdict changed', 'iptables -R nixos-fw-refuse 1 -j ACCEPT'],
  ['the jump removed', 'iptables -D INPUT -j nixos-fw'],
  ['the jump narrowed', 'iptables -R INPUT 2 -i eth0 -j nixos-fw'],
  ['the chains flushed', 'iptables -F nixos-fw; ip6tables -F nixos-fw-refuse'],
  [
    'a chain of a declared name',
    'iptables -N nixos-fw-x; iptables -A nixos-fw-x -j ACCEPT; iptables -I nixos-fw -j nixos-fw-x; iptables -I FORWARD -j nixos-fw-x',
  ],
  ['a rule that accepts before the firewall', 'iptables -I INPUT 2 -p tcp --dport 4444 -j ACCEPT'],
];
for (const [title, drift] of drifts) {
  testWith(iptables, `iptables are put back: ${title}`, () => {
    const reference = referenceOf(IPTABLES);
    const healed = heal({ section: IPTABLES, reference, before: `${START}${FOREIGN}\n${drift}` });
    assert.is(healed.digestAfter, digestRuleset(reference.document));
    assert.equal(foreign(healed.after), foreign(healed.before), 'what others made is untouched');
    const input = healed.after.split('\n').filter((line) => line.startsWith('-A INPUT'));
    assert.equal(input.slice(0, 2), ['-A INPUT -j f2b', '-A INPUT -j nixos-fw']);
    assert.equal(told(healed.restored), [
      'success',
      'read_reference ok',
      'list_ruleset ok',
      'load_chains ok',
      'load_chains ok',
      'verify_ruleset ok',
    ]);
  });
}

testWith(iptables, 'chains of every table are put back, each in its own', () => {
  const script = join(folder, 'rpfilter.sh');
  const rpfilter = `
    iptables -t mangle -N nixos-fw-rpfilter
    iptables -t mangle -A nixos-fw-rpfilter -m rpfilter --validmark -j RETURN
    iptables -t mangle -A nixos-fw-rpfilter -p udp --sport 67 --dport 68 -j RETURN
    iptables -t mangle -A nixos-fw-rpfilter -j LOG --log-level info --log-prefix 'rpfilter drop: '
    iptables -t mangle -A nixos-fw-rpfilter -j DROP
    iptables -t mangle -A PREROUTING -j nixos-fw-rpfilter`;
  writeFileSync(script, `#!/bin/sh -e\n${START}${rpfilter}\n`, { mode: 0o755 });
  const section = readable({ ...IPTABLES, reference: { script } });
  const drift = 'iptables -t mangle -F PREROUTING; iptables -t mangle -F nixos-fw-rpfilter';
  const reference = referenceOf(section);
  const healed = heal({ section, reference, before: `${START}${rpfilter}${FOREIGN}\n${drift}` });
  assert.is(healed.restored.outcome, 'success');
  assert.is(healed.digestAfter, digestRuleset(reference.document));
  assert.match(healed.after, '-A PREROUTING -j nixos-fw-rpfilter');
});

testWith(iptables, 'a declared policy is put back', () => {
  const script = join(folder, 'start.sh');
  writeFileSync(script, `#!/bin/sh -e\n${START}\niptables -P FORWARD DROP\n`, { mode: 0o755 });
  const section = readable({ ...IPTABLES, reference: { script }, policies: ['filter/FORWARD'] });
  const reference = referenceOf(section);
  const healed = heal({ section, reference, before: `${START}${FOREIGN}` });
  assert.match(healed.before, ':FORWARD ACCEPT');
  assert.match(healed.after, ':FORWARD DROP');
  assert.is(healed.digestAfter, digestRuleset(reference.document));
});

testWith(iptables, 'what fails between the families is put back as it was', () => {
  const script = join(folder, 'own-chain.sh');
  const own = (tool: string) => `${tool} -N my-in; ${tool} -A my-in -j nixos-fw-accept`;
  const both = `${START}\n${own('iptables')}\n${own('ip6tables')}`;
  writeFileSync(script, `#!/bin/sh -e\n${both}\n`, { mode: 0o755 });
  const section = readable({ ...IPTABLES, reference: { script } });
  // IPv6 lacks the chain that is not ours to make: its jump cannot be put back.
  const before = `${both}\nip6tables -F my-in; ip6tables -X my-in\niptables -F nixos-fw`;
  const healed = heal({ section, reference: referenceOf(section), before });
  assert.equal(told(healed.restored), [
    'reverted',
    'tool_failed',
    'read_reference ok',
    'list_ruleset ok',
    'load_chains ok',
    'load_chains failed',
    'put_back ok',
    'put_back ok',
  ]);
  assert.is(healed.digestAfter, healed.digestBefore);
});

test.run();
