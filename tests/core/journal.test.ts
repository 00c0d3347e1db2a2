import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  attemptsOf,
  EMPTY_JOURNAL,
  type Intent,
  type Journal,
  noteVerdict,
  resolveIntent,
  unclaimedResults,
} from '../../agent/src/core/journal.ts';
import type { RemedyResult, RemedySocket } from '../../agent/src/wire/remedy.ts';
import type { CheckState } from '../../agent/src/wire/verdict.ts';

const AV: RemedySocket = 'restart_av_service';
const intent: Pick<Intent, 'remedy' | 'noted'> = { remedy: AV, noted: 4 };
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
  const results = [8, 7, 5, 3].map((number) =>
    result(number, number === 8 ? 'started' : 'finished'),
  );
  results.push(result(6, 'finished', 'run_backup_job'));
  const due = (recorded: number[], intents: Intent[]) =>
    unclaimedResults({ recorded, intents }, results).map(({ number }) => number);
  assert.equal(due([3], [intent as Intent]), [6, 7]); // 5 is the intent’s own
  assert.equal(due([3], []), [5, 6, 7]); // the journal was lost
  assert.equal(due([3, 5, 6, 7], []), []);
});

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute));
const state = (verdict: CheckState['verdict']): CheckState => ({
  check: 'antivirus',
  verdict,
  severity: null,
  findings: [],
  exceptions: [],
  facts: {},
  error: null,
});
/** What becomes of the journal when the check is seen so at those minutes, after so many successes. */
function seen(
  ...looks: [minute: number, verdict: CheckState['verdict'], successes: number][]
): Journal {
  return looks.reduce(
    (journal, [minute, verdict, successes]) =>
      noteVerdict(journal, {
        state: state(verdict),
        remedy: AV,
        results: Array.from({ length: successes }, (_, index) => result(index + 1)),
        now: at(minute),
      }),
    EMPTY_JOURNAL,
  );
}
const relapses = (journal: Journal) =>
  (journal.relapses['antivirus'] ?? []).map(({ number }) => number);

test('drift after a success is a relapse, counted once', () => {
  assert.equal(relapses(seen([0, 'drifted', 0])), []);
  assert.equal(relapses(seen([0, 'drifted', 0], [1, 'drifted', 1], [2, 'drifted', 1])), [1]);
  assert.equal(relapses(seen([1, 'drifted', 1], [2, 'compliant', 2], [3, 'drifted', 2])), [1, 2]);
});

test('after an hour of compliance earlier relapses no longer count, and drift is no relapse', () => {
  const before = seen([1, 'drifted', 1], [2, 'compliant', 2], [61, 'drifted', 2]);
  assert.equal(relapses(before), [1, 2]);
  assert.equal(relapses(seen([1, 'drifted', 1], [2, 'compliant', 2], [62, 'drifted', 2])), []);
});

test('what was not seen neither counts as steady nor as a relapse', () => {
  assert.equal(seen([0, 'unknown', 1]), EMPTY_JOURNAL);
});

test('attempts are those since the check was last steady', () => {
  const results = [result(1), { ...result(2), outcome: 'failed' as const }, result(3, 'started')];
  const attempts = (journal: Journal) =>
    attemptsOf(journal, { check: 'antivirus', remedy: AV, results }).map(({ outcome }) => outcome);
  assert.equal(attempts(EMPTY_JOURNAL), ['success', 'failed']);
  assert.equal(attempts(seen([2, 'compliant', 1], [62, 'drifted', 1])), ['failed']);
});

test.run();
