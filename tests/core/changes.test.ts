import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  agentEvent,
  attestation,
  changedStates,
  fingerprint,
  outcomeOf,
  summarise,
} from '../../agent/src/core/changes.ts';
import type { Citation } from '../../agent/src/core/check.ts';
import { Draft } from '../../agent/src/wire/evidence.ts';
import type { CheckState, Finding } from '../../agent/src/wire/verdict.ts';

const span = {
  start: new Date('2026-11-22T09:00:00.000Z'),
  end: new Date('2026-11-22T09:00:01.000Z'),
};
const citations = (): Citation[] => [
  { framework: 'hipaa', id: '164.312(b)', title: 'Audit controls' },
  { framework: 'nist-800-53r5', id: 'AU-2', title: 'Event logging' },
];
const finding: Finding = {
  rule: 'unit_not_active',
  subject: 'rsyslog.service',
  verdict: 'drifted',
  severity: 'high',
  expected: 'active',
  actual: 'inactive',
  message: 'rsyslog.service is inactive.',
  exception: null,
};
const other: Finding = { ...finding, subject: 'journald.service' };
const compliant: CheckState = {
  check: 'logging',
  verdict: 'compliant',
  severity: null,
  findings: [],
  exceptions: [],
  facts: { free: 10 },
  error: null,
};
const drifted: CheckState = {
  ...compliant,
  verdict: 'drifted',
  severity: 'high',
  findings: [finding, other],
};
const unknown: CheckState = {
  ...compliant,
  verdict: 'unknown',
  facts: null,
  error: { code: 'denied', params: {} },
};

const cases: [title: string, previous: CheckState | null, current: CheckState, bundles: number][] =
  [
    ['a check that was never recorded', null, compliant, 1],
    ['an unchanged control', compliant, compliant, 0],
    ['other facts under the same verdict', compliant, { ...compliant, facts: { free: 9 } }, 0],
    [
      'the same verdict on what was measured at another time',
      compliant,
      { ...compliant, as_of: '2026-11-22T08:00:00.000Z' },
      0,
    ],
    ['new drift', compliant, drifted, 1],
    ['unchanged drift', drifted, drifted, 0],
    ['the same findings in another order', drifted, { ...drifted, findings: [other, finding] }, 0],
    [
      'the same findings in other words',
      drifted,
      { ...drifted, findings: [{ ...finding, message: 'For 6 minutes now.' }, other] },
      0,
    ],
    [
      'something else found in the same place',
      drifted,
      { ...drifted, findings: [{ ...finding, actual: 'failed' }, other] },
      1,
    ],
    ['drift that grew less', drifted, { ...drifted, findings: [finding] }, 1],
    [
      'drift that grew worse',
      drifted,
      { ...drifted, findings: [{ ...finding, severity: 'critical' }, other] },
      1,
    ],
    ['drift that was mended', drifted, compliant, 1],
    ['drift that can no longer be seen', drifted, unknown, 1],
    [
      'another reason for not seeing',
      unknown,
      { ...unknown, error: { code: 'timeout', params: {} } },
      1,
    ],
    [
      'an exception that covers it now',
      drifted,
      {
        ...drifted,
        verdict: 'compliant',
        findings: drifted.findings.map((each) => ({ ...each, exception: 'EX-1' })),
        exceptions: ['EX-1'],
      },
      1,
    ],
  ];

for (const [title, previous, current, bundles] of cases) {
  test(`${title} makes ${bundles === 0 ? 'no bundle' : 'a bundle'}`, () => {
    const drafts = changedStates({
      previous: new Map(previous === null ? [] : [['logging', summarise(previous)]]),
      current: [current],
      citations,
      span,
    });
    assert.is(drafts.length, bundles);
    for (const draft of drafts) {
      assert.ok(Draft.safeParse(draft).success);
      assert.equal(draft.post_state, current);
      assert.equal(draft.pre_state, previous === null ? null : summarise(previous));
      assert.equal(draft.hipaa_controls, ['164.312(b)'], 'only citations of 45 CFR');
      assert.is(draft.timestamp_end, '2026-11-22T09:00:01.000Z');
    }
  });
}

const outcomes: [verdict: CheckState['verdict'], outcome: string][] = [
  ['compliant', 'compliant'],
  ['drifted', 'alert'],
  ['unknown', 'alert'],
  ['notApplicable', 'recorded'],
];
for (const [verdict, outcome] of outcomes) {
  test(`${verdict} is recorded with outcome ${outcome}`, () => {
    assert.is(outcomeOf({ verdict }), outcome);
  });
}

test('an attestation names every verdict and is compliant only if all are', () => {
  const all = attestation({ current: [compliant, drifted], citations, span });
  assert.ok(Draft.safeParse(all).success);
  assert.is(all.outcome, 'alert');
  assert.equal(all.post_state, {
    verdicts: [
      {
        check: 'logging',
        verdict: 'compliant',
        severity: null,
        open_findings: 0,
        exceptions: [],
        error: null,
      },
      {
        check: 'logging',
        verdict: 'drifted',
        severity: 'high',
        open_findings: 2,
        exceptions: [],
        error: null,
      },
    ],
  });
  const none = { ...compliant, verdict: 'notApplicable' as const };
  assert.is(attestation({ current: [compliant, none], citations, span }).outcome, 'compliant');
  assert.is(attestation({ current: [unknown], citations, span }).outcome, 'alert');
});

test('an attestation says how old what it rests on is, where that is before the look', () => {
  const as_of = '2026-11-22T01:00:00.000Z';
  const { post_state } = attestation({
    current: [{ ...compliant, as_of }, compliant],
    citations,
    span,
  });
  const { verdicts } = post_state as { verdicts: { as_of?: string }[] };
  assert.equal(
    verdicts.map((verdict) => verdict.as_of),
    [as_of, undefined],
  );
});

test('a fingerprint survives the way through a bundle', () => {
  const stored = JSON.parse(JSON.stringify(drifted)) as CheckState;
  assert.is(fingerprint(stored), fingerprint(drifted));
});

test('start and stop are records of the agent', () => {
  const draft = agentEvent({ event: 'stop', details: { reason: 'SIGTERM' }, at: span.end });
  assert.ok(Draft.safeParse(draft).success);
  assert.is(draft.check, 'agent');
  assert.is(draft.outcome, 'recorded');
  assert.equal(draft.post_state, { event: 'stop', reason: 'SIGTERM' });
});

test.run();
