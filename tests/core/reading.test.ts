import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LoggingSection } from '../../agent/src/core/logging/section.ts';
import { Reading } from '../../agent/src/core/reading.ts';
import { readableSection } from '../../agent/src/core/ruleset/read-section.ts';
import { FirewallSection } from '../../agent/src/core/ruleset/section.ts';
import { FailureError } from '../../agent/src/wire/failure.ts';
import type { Json } from '../../agent/src/wire/primitives.ts';

function failsWith(code: string, read: () => unknown): void {
  assert.throws(
    read,
    (error: unknown) => error instanceof FailureError && error.failure.code === code,
  );
}

const reference = { file: '/etc/nixos.nft' };
const script = { script: '/run/current-system/fw' };

// What a probe reads is what the baseline’s schema says, defaults and all.
const sections: [title: string, section: { [field: string]: Json }][] = [
  ['nftables', { backend: 'nftables', tables: ['inet/nixos-fw'], reference }],
  [
    'nftables with interfaces',
    { backend: 'nftables', tables: ['ip/a', 'ip6/b'], reference, interfaces: ['eth0', 'wg-1'] },
  ],
  ['iptables as it is by itself', { backend: 'iptables', reference: script }],
  [
    'iptables with everything',
    {
      backend: 'iptables',
      chains: ['nixos-fw*', 'mine'],
      policies: ['filter/FORWARD'],
      preceding: ['LIBVIRT_INP'],
      interfaces: [],
      reference: script,
    },
  ],
];
for (const [title, section] of sections) {
  test(`a probe and the baseline’s schema read the same of ${title}`, () => {
    assert.equal(readableSection(section), FirewallSection.parse(section));
  });
}

const refused: [title: string, section: Json, code: 'malformed' | 'unsupported'][] = [
  ['no section', null, 'malformed'],
  ['another backend', { backend: 'firewalld' }, 'unsupported'],
  ['a backend that there is not', { backend: 'pf' }, 'malformed'],
  ['no tables', { backend: 'nftables' }, 'malformed'],
  ['a table that is no name', { backend: 'nftables', tables: ['inet/a b'] }, 'malformed'],
  ['a list that is none', { backend: 'iptables', chains: 'nixos-fw' }, 'malformed'],
  [
    'an interface that would be an option',
    { backend: 'iptables', interfaces: ['a b'] },
    'malformed',
  ],
  [
    'a script of a relative path',
    { backend: 'iptables', reference: { script: 'fw' } },
    'malformed',
  ],
];
for (const [title, section, code] of refused) {
  test(`${title} is ${code}`, () => {
    failsWith(code, () => readableSection(section));
    assert.ok(!FirewallSection.safeParse(section).success || code === 'unsupported');
  });
}

test('a number is one of its range, and only a number', () => {
  const read = (value: unknown) => () => new Reading(value, 'here').integer(10, 15_000);
  assert.is(read(10)(), 10);
  assert.is(read(LoggingSection.parse({}).canary_max_latency_ms)(), 5000);
  for (const value of [9, 15_001, 10.5, '10', null, undefined]) failsWith('malformed', read(value));
});

test.run();
