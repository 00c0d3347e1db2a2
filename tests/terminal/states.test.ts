import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { statesText } from '../../agent/src/terminal/states.ts';
import type { CheckState } from '../../agent/src/wire/verdict.ts';

const compliant: CheckState = {
  check: 'antivirus',
  verdict: 'compliant',
  severity: null,
  findings: [],
  exceptions: [],
  facts: {},
  error: null,
};
const lines: [title: string, more: Partial<CheckState>, line: string][] = [
  ['seen in this look', {}, '✓ antivirus    compliant'],
  [
    'that rests on what was measured before',
    { as_of: '2026-11-22T02:00:00.000Z' },
    '✓ antivirus    compliant               as of 2026-11-22T02:00:00.000Z',
  ],
];
for (const [title, more, line] of lines) {
  test(`a verdict ${title}`, () => assert.is(statesText([{ ...compliant, ...more }]), line));
}

test.run();
