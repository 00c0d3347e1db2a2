import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { firewall } from '../../agent/src/checks/firewall.ts';
import { checkFixture, testFixtures } from '../support/fixture-check.ts';

testFixtures(firewall, [
  ['compliant', 'compliant', []],
  ['drifted', 'drifted', ['rule_added inet/filter input', 'rule_removed inet/filter input']],
  ['absent', 'drifted', ['table_missing inet/filter']],
  ['unreadable', 'unknown', ['denied']],
  ['reference-unloadable', 'unknown', ['reference_not_loaded reference']],
  ['reference-incomplete', 'unknown', ['reference_incomplete reference']],
  ['digest-differs', 'drifted', ['digest_differs ruleset']],
  ['disabled', 'drifted', ['firewall_disabled firewall']],
  ['firewalld', 'unknown', ['unsupported']],
  ['iptables-compliant', 'compliant', []],
  [
    'iptables-drifted',
    'drifted',
    ['rule_removed ip/filter nixos-fw', 'rule_before_firewall ip/filter INPUT'],
  ],
]);

test('a foreign table is in the facts and is no finding', async () => {
  const { facts, findings } = await checkFixture(firewall, 'drifted');
  assert.equal((facts as { foreign: string[] }).foreign, ['ip/evil']);
  assert.not.ok(JSON.stringify(findings).includes('evil'));
});

test('a finding names the rule, its place and what it says', async () => {
  const { findings } = await checkFixture(firewall, 'drifted');
  assert.is(findings[0]?.message, 'inet/filter input: rule 1 was added.');
  assert.match(String(findings[0]?.actual), '4444');
  assert.is(findings[1]?.message, 'inet/filter input: rule 2 is gone.');
});

test('a section without a way to know what is declared is refused', () => {
  const parsed = firewall.expectation.safeParse({ backend: 'nftables', tables: ['inet/filter'] });
  assert.is(parsed.success, false);
});

test.run();
