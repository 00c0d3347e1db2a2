import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logging } from '../../agent/src/checks/logging.ts';
import type { LoggingFacts } from '../../agent/src/core/logging/facts.ts';
import { testFixtures } from '../support/fixture-check.ts';

const units = [
  'systemd-journald.service',
  'systemd-journald.socket',
  'systemd-journald-dev-log.socket',
];

testFixtures(logging, [
  ['compliant', 'compliant', []],
  ['drifted', 'drifted', [`unit_masked ${units[0]}`, 'canary_lost journal']],
  [
    'drifted-sockets-stopped',
    'drifted',
    [...units.map((unit) => `unit_not_active ${unit}`), 'canary_lost journal'],
  ],
  ['drifted-volatile', 'drifted', ['journal_volatile journal']],
  ['drifted-late-and-full', 'drifted', ['canary_late journal', 'journal_space_low journal']],
  [
    'absent',
    'drifted',
    [
      ...units.map((unit) => `unit_not_loaded ${unit}`),
      'canary_lost journal',
      'journal_missing journal',
    ],
  ],
  [
    'unreadable',
    'unknown',
    ['units_not_seen systemd', 'canary_not_seen journal', 'storage_not_seen journal'],
  ],
  ['without-probe', 'unknown', ['canary_not_seen journal', 'storage_not_seen journal']],
]);

const now = new Date('2026-11-22T16:00:00.000Z');
const good: LoggingFacts = {
  units: [],
  canary: { written: true, latency_ms: 20 },
  storage: { kind: 'persistent', free_bytes: 1000 },
};
const volatile = { kind: 'volatile', free_bytes: 1000 } as const;
const unseen = { unseen: { code: 'denied', params: {} } } as const;

const cases: [title: string, over: Partial<LoggingFacts>, section: object, found: string[]][] = [
  ['all as declared', {}, {}, []],
  ['a canary just in time', { canary: { written: true, latency_ms: 100 } }, {}, []],
  ['a late canary', { canary: { written: true, latency_ms: 101 } }, {}, ['medium canary_late']],
  ['a lost canary', { canary: { written: true, latency_ms: null } }, {}, ['critical canary_lost']],
  [
    'a canary that nobody took',
    { canary: { written: false, latency_ms: null } },
    {},
    ['critical canary_lost'],
  ],
  ['a canary that nobody may look for', { canary: unseen }, {}, ['medium canary_not_seen']],
  ['a volatile journal', { storage: volatile }, {}, ['high journal_volatile']],
  ['a volatile journal where it may be', { storage: volatile }, { persistent: false }, []],
  [
    'no journal file',
    { storage: { kind: 'none', free_bytes: null } },
    { persistent: false },
    ['high journal_missing'],
  ],
  ['a byte too little', {}, { min_free_bytes: 1001 }, ['high journal_space_low']],
  ['a storage that nobody may see', { storage: unseen }, {}, ['medium storage_not_seen']],
];
for (const [title, over, section, found] of cases) {
  test(`logging: ${title}`, () => {
    const limits = { canary_max_latency_ms: 100, min_free_bytes: 1000, ...section };
    const expected = logging.expectation.parse(limits);
    const facts = logging.facts.parse({ ...good, ...over });
    const judgement = logging.judge({ facts, expected, now });
    assert.ok(judgement.applicable);
    assert.equal(
      judgement.observations.map(({ severity, rule }) => `${severity} ${rule}`),
      found,
    );
  });
}

test.run();
