import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Intent, resolveIntent, unclaimedResults } from '../../agent/src/core/journal.ts';
import type { RemedyResult, RemedySocket } from '../../agent/src/wire/remedy.ts';

const AV: RemedySocket = 'restart_av_service';
const intent: Intent = {
  id: '11111111-1111-4111-8111-111111111111',
  remedy: AV,
  check: 'antivirus',
  orderId: null,
  noted: 4,
};
const result = (
  number: number,
  state: RemedyResult['state'] = 'finished',
  remedy: RemedySocket = AV,
): RemedyResult => ({
  type: 'compliance-agent/remedy/v1',
  number,
  remedy,
  state,
  order_id: null,
  timestamp_start: '2026-11-22T12:00:00.000Z',
  timestamp_end: state === 'finished' ? '2026-11-22T12:00:01.000Z' : null,
  outcome: state === 'finished' ? 'success' : null,
  action_taken: [],
  rollback_available: false,
  rollback_generation: null,
  target_generation: null,
  error: null,
});

const cases: [title: string, results: RemedyResult[], running: boolean, act: string][] = [
  ['nothing was written and nothing runs: it never began', [], false, 'drop'],
  ['nothing was written yet, but it runs', [], true, 'wait'],
  ['an older result is another run’s', [result(4)], false, 'drop'],
  [
    'a newer result of another remedy is not this one’s',
    [result(5, 'finished', 'run_backup_job')],
    false,
    'drop',
  ],
  ['it ended', [result(4), result(5)], false, 'record'],
  ['it ended, and a later run is at work', [result(5), result(6, 'started')], true, 'record'],
  ['it began and runs', [result(5, 'started')], true, 'wait'],
  ['it began and was cut off', [result(5, 'started')], false, 'settle'],
];
for (const [title, results, running, act] of cases)
  test(title, () => assert.is(resolveIntent({ intent, results, running }).act, act));

test('of several newer results the first is the intent’s', () => {
  const found = resolveIntent({ intent, results: [result(7), result(5)], running: false });
  assert.is(found.act === 'record' && found.result.number, 5);
});

test('a result that no intent claims is due for evidence once, and only when it ended', () => {
  const results = [
    result(8, 'started'),
    result(7),
    result(5),
    result(3),
    result(6, 'finished', 'run_backup_job'),
  ];
  const due = (recorded: number, intents: Intent[]) =>
    unclaimedResults({ results, intents, recorded }).map(({ number }) => number);
  assert.equal(due(4, [intent]), [6, 7]); // 5 is the intent’s own
  assert.equal(due(4, []), [5, 6, 7]); // the journal was lost
  assert.equal(due(7, []), []);
});

test.run();
