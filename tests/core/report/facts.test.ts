import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { entryOf } from '../../../agent/src/core/report/entry.ts';
import { type HostFacts, reportFacts } from '../../../agent/src/core/report/facts.ts';
import { Bundle } from '../../../agent/src/wire/evidence.ts';
import type { Json } from '../../../agent/src/wire/primitives.ts';
import {
  attested,
  CONTROLS,
  chainOf,
  DAY,
  drifted,
  type Event,
  PARAMETERS,
  stateOf,
} from '../../support/report.ts';

const HOUR = 3600;

/** The facts of the one host to whom these events happened on 22 November. */
function factsOf(events: readonly Event[]): HostFacts {
  const entries = chainOf(events).map(({ bytes, sha256 }) =>
    entryOf(Bundle.parse(JSON.parse(bytes.toString())), { sha256, received_at: null }),
  );
  const { hosts } = reportFacts({ entries, parameters: PARAMETERS, controls: CONTROLS });
  const [host] = hosts;
  if (host === undefined) throw new Error('no host');
  return host;
}

const secondsOf = (host: HostFacts, check: string) =>
  host.controls.find((one) => one.check === check)?.seconds;

const hourly = (from: number, to: number, verdict = 'compliant'): Event[] =>
  Array.from({ length: to - from }, (_, at) => [
    `${String(from + at).padStart(2, '0')}:00:00`,
    { check: 'attestation', post_state: attested(verdict) },
  ]);
const firewall = (time: string, state: object, more: object = {}): Event => [
  time,
  { check: 'firewall', post_state: state as Json, ...more },
];
const agent = (time: string, event: string): Event => [
  time,
  { check: 'agent', post_state: { event } },
];

const times: [title: string, events: Event[], firewall: Partial<Record<string, number>>][] = [
  ['a host that attests every hour is compliant all day', hourly(0, 24), { compliant: 24 }],
  ['unknown is no pass', hourly(0, 24, 'unknown'), { unknown: 24 }],
  ['what does not apply is counted apart', hourly(0, 24, 'notApplicable'), { notApplicable: 24 }],
  ['nothing before the first word is attested', hourly(12, 24), { unattested: 12, compliant: 12 }],
  [
    'a verdict outlives one missing attestation',
    [...hourly(0, 5), ...hourly(6, 24)],
    { compliant: 24 },
  ],
  [
    'of a longer silence only the first hour is attested',
    [...hourly(0, 5), ...hourly(10, 24)],
    { compliant: 19, unattested: 5 },
  ],
  [
    'drift lasts until the next verdict',
    [
      ...hourly(0, 9),
      firewall('08:30:00', drifted('firewall', 'x')),
      firewall('09:00:00', stateOf('firewall')),
      ...hourly(10, 24),
    ],
    { compliant: 23.5, drifted: 0.5 },
  ],
  [
    'while the agent is stopped nothing is attested',
    [...hourly(0, 24), agent('10:10:00', 'stop'), agent('10:40:00', 'start')],
    { compliant: 23.5, unattested: 0.5 },
  ],
];
for (const [title, events, expected] of times) {
  test(title, () => {
    const seconds = secondsOf(factsOf(events), 'firewall');
    const none = { compliant: 0, drifted: 0, unknown: 0, unattested: 0, notApplicable: 0 };
    const hours = Object.entries(expected).map(([state, value]) => [state, (value ?? 0) * HOUR]);
    assert.equal(seconds, { ...none, ...Object.fromEntries(hours) });
  });
}

test('every second of the period is in one state', () => {
  for (const { seconds } of factsOf(DAY).controls) {
    const sum = Object.values(seconds).reduce((total, one) => total + one, 0);
    assert.is(sum, 24 * HOUR);
  }
});

test('an incident tells detection, remedy, outcome and times', () => {
  const [first, second, ...more] = factsOf(DAY).incidents;
  assert.is(more.length, 0);
  assert.is(first?.check, 'firewall');
  assert.is(first?.detected_at, '2026-11-22T09:30:00.000Z');
  assert.is(first?.ended_at, '2026-11-22T09:31:00.000Z');
  assert.is(first?.end, 'healed');
  assert.equal(first?.found, ['A rule was added.']);
  assert.equal(
    first?.attempts.map(({ runbook_id, outcome }) => [runbook_id, outcome]),
    [['restore_firewall_baseline', 'success']],
  );
  assert.is(second?.check, 'encryption');
  assert.is(second?.end, 'open');
  assert.is(second?.ended_at, null);
});

test('drift that is healed within one cycle is an incident, and its time is drifted', () => {
  const { facts: _, ...pre_state } = drifted('firewall', 'A rule was added.');
  const healed = {
    timestamp_start: '2026-11-22T09:30:00.000Z',
    pre_state,
    outcome: 'success',
    runbook_id: 'restore_firewall_baseline',
  };
  const events = [...hourly(0, 24), firewall('09:31:00', stateOf('firewall'), healed)];
  const host = factsOf(events);
  assert.is(secondsOf(host, 'firewall')?.drifted, 60);
  assert.equal(
    host.incidents.map(({ detected_at, end, attempts }) => [detected_at, end, attempts.length]),
    [['2026-11-22T09:30:00.000Z', 'healed', 1]],
  );
});

test('drift that ends by itself is cleared and not healed', () => {
  const events = [
    firewall('01:00:00', stateOf('firewall')),
    firewall('02:00:00', drifted('firewall', 'x')),
  ];
  const [incident] = factsOf([...events, firewall('03:00:00', stateOf('firewall'))]).incidents;
  assert.is(incident?.end, 'cleared');
  assert.is(incident?.seen_from_start, false);
});

test('stops and silence are missing cycles', () => {
  const events = [
    ...hourly(0, 5),
    agent('05:00:00', 'stop'),
    agent('05:30:00', 'start'),
    ...hourly(6, 10),
    ...hourly(15, 24),
  ];
  assert.equal(
    factsOf(events).silences.map(({ from, to, reason }) => [
      from.slice(11, 16),
      to.slice(11, 16),
      reason,
    ]),
    [
      ['05:00', '05:30', 'stopped'],
      ['09:00', '15:00', 'silent'],
    ],
  );
});

test('clock trouble is told with its kind and span', () => {
  const off = { ntp_offset_ms: 9000 };
  const events: Event[] = [
    ['01:00:00', {}],
    ['02:00:00', {}, { ntp_offset_ms: null }],
    ['03:00:00', {}, { ntp_offset_ms: null }],
    ['04:00:00', {}, off],
    ['05:00:00', { timestamp_end: '2026-11-22T00:30:00.000Z' }],
  ];
  assert.equal(
    factsOf(events).clock.map(({ kind, bundles, offset_ms }) => [kind, bundles, offset_ms]),
    [
      ['unknown_offset', 2, null],
      ['off', 1, 9000],
      ['backwards', 1, null],
    ],
  );
});

test('an exception is named, with its text only where the maker has it', () => {
  const exception = {
    ...{ id: 'EX-1', check: 'encryption', reason: 'r', alternative: 'a locked room' },
    ...{ approved_by: 'Security Official', expires: '2027-01-01T00:00:00.000Z' },
  };
  const post_state = stateOf('encryption', { exceptions: ['EX-1', 'EX-2'] }) as Json;
  const entries = chainOf([['01:00:00', { check: 'encryption', post_state }]]).map(
    ({ bytes, sha256 }) =>
      entryOf(Bundle.parse(JSON.parse(bytes.toString())), { sha256, received_at: null }),
  );
  const parameters = { ...PARAMETERS, exceptions: [{ host_id: 'host-1', exception }] };
  const [host] = reportFacts({ entries, parameters, controls: CONTROLS }).hosts;
  assert.equal(host?.exceptions, [
    { id: 'EX-1', documented: exception },
    { id: 'EX-2', documented: null },
  ]);
});

test.run();
