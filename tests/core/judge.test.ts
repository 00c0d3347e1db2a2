import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Observation } from '../../agent/src/core/check.ts';
import { concludeCheck } from '../../agent/src/core/judge.ts';
import type { Exception } from '../../agent/src/wire/baseline.ts';

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

test('a check that could not look is unknown and says why', () => {
  const state = concludeCheck(
    { check: 'firewall', error: { code: 'denied', params: { errno: 'EPERM' } } },
    { exceptions: [], now },
  );
  assert.is(state.verdict, 'unknown');
  assert.equal(state.error, { code: 'denied', params: { errno: 'EPERM' } });
});

test.run();
