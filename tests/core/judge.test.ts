import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Observation } from '../../agent/src/core/check.ts';
import { concludeCheck } from '../../agent/src/core/judge.ts';
import { unseenObservation } from '../../agent/src/core/unseen.ts';
import type { Exception } from '../../agent/src/wire/baseline.ts';
import type { Failure } from '../../agent/src/wire/failure.ts';
import { CheckState } from '../../agent/src/wire/verdict.ts';

const now = new Date('2026-11-22T09:00:00.000Z');
const drift: Observation = {
  rule: 'unit_not_active',
  subject: 'clamav-daemon.service',
  verdict: 'drifted',
  severity: 'high',
  expected: 'active',
  actual: 'inactive',
  message: 'clamav-daemon.service is inactive.',
};
const unseen: Observation = {
  ...drift,
  rule: 'hash_not_seen',
  verdict: 'unknown',
  severity: 'medium',
};
const exception: Exception = {
  id: 'EX-1',
  check: 'antivirus',
  reason: 'r',
  alternative: 'a',
  approved_by: 'Security Official',
  expires: '2027-01-01T00:00:00.000Z',
};

const cases: [
  title: string,
  observations: Observation[],
  exceptions: Exception[],
  verdict: string,
][] = [
  ['nothing found is compliant', [], [], 'compliant'],
  ['drift is drifted', [drift], [], 'drifted'],
  ['what could not be seen is unknown', [unseen], [], 'unknown'],
  ['drift outweighs unknown', [unseen, drift], [], 'drifted'],
  ['an exception covers drift', [drift], [exception], 'compliant'],
  ['an exception never covers what was not seen', [unseen], [exception], 'unknown'],
  [
    'an exception that names rule and subject covers what was seen and cannot be judged',
    [{ ...unseen, unjudged: true }],
    [{ ...exception, rule: unseen.rule, subject: unseen.subject }],
    'compliant',
  ],
  [
    'an exception for a whole check never does',
    [{ ...unseen, unjudged: true }],
    [exception, { ...exception, rule: unseen.rule }, { ...exception, subject: unseen.subject }],
    'unknown',
  ],
  [
    'nor does one that names what was not seen',
    [unseen],
    [{ ...exception, rule: unseen.rule, subject: unseen.subject }],
    'unknown',
  ],
  [
    'an expired exception covers nothing',
    [drift],
    [{ ...exception, expires: '2026-11-22T09:00:00.000Z' }],
    'drifted',
  ],
  [
    'an exception for another rule covers nothing',
    [drift],
    [{ ...exception, rule: 'other' }],
    'drifted',
  ],
  [
    'an exception for another subject covers nothing',
    [drift],
    [{ ...exception, subject: 'x.service' }],
    'drifted',
  ],
  [
    'an exception of another check covers nothing',
    [drift],
    [{ ...exception, check: 'backup' }],
    'drifted',
  ],
];

for (const [title, observations, exceptions, verdict] of cases) {
  test(title, () => {
    const state = concludeCheck(
      { check: 'antivirus', facts: {}, judgement: { applicable: true, observations } },
      { exceptions, now },
    );
    assert.is(state.verdict, verdict);
    assert.equal(
      state.exceptions,
      verdict === 'compliant' && observations.length > 0 ? ['EX-1'] : [],
    );
  });
}

test('a stack that no rule judges may be excused; one that could not be looked at may not', () => {
  const about = { rule: 'mount_not_seen', subject: '/srv', what: 'What lies beneath /srv' };
  const of = (unseen: Failure) => unseenObservation({ ...about, unseen }).unjudged;
  assert.is(of({ code: 'unsupported', params: { backend: 'vdo' } }), true);
  assert.is(of({ code: 'denied', params: { errno: 'EACCES' } }), undefined);
});

test('what does not apply says why, also where an exception is', () => {
  const judgement = { applicable: false as const, reason: 'No firewall is declared.' };
  const state = concludeCheck(
    { check: 'firewall', facts: null, judgement },
    { exceptions: [exception], now },
  );
  assert.equal([state.verdict, state.reason], ['notApplicable', 'No firewall is declared.']);
  assert.equal(CheckState.parse(state), state);
});

test('a check that could not look is unknown and says why', () => {
  const state = concludeCheck(
    { check: 'firewall', error: { code: 'denied', params: { errno: 'EPERM' } } },
    { exceptions: [], now },
  );
  assert.is(state.verdict, 'unknown');
  assert.equal(state.error, { code: 'denied', params: { errno: 'EPERM' } });
});

test('a verdict on what was measured before says when', () => {
  const as_of = '2026-11-22T01:00:00.000Z';
  const judgement = { applicable: true as const, observations: [], asOf: as_of };
  const state = concludeCheck(
    { check: 'antivirus', facts: {}, judgement },
    { exceptions: [], now },
  );
  assert.is(CheckState.parse(state).as_of, as_of);
});

test.run();
