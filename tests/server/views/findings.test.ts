import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stateInWords } from '../../../agent/src/server/views/bundle/findings.ts';

const state = {
  check: 'antivirus',
  verdict: 'compliant',
  severity: null,
  findings: [],
  exceptions: [],
  error: null,
};
const as_of = '2026-11-22T02:00:00.000Z';
const pages: [title: string, state: Parameters<typeof stateInWords>[0], says: boolean][] = [
  ['a state', { ...state, facts: {} }, false],
  ['a state that rests on what was measured before', { ...state, facts: {}, as_of }, true],
  ['an attestation', { verdicts: [state] }, false],
  ['an attestation that rests on it', { verdicts: [state, { ...state, as_of }] }, true],
];
for (const [title, value, says] of pages) {
  test(`the page of ${title} ${says ? 'says since when' : 'has nothing to say of it'}`, () =>
    assert.is(stateInWords(value, '/post_state')?.html.includes(' as of <'), says));
}

test.run();
