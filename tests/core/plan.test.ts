import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explainPlan, type Plan, planRemedy, type Situation } from '../../agent/src/core/plan.ts';
import type { CheckState } from '../../agent/src/wire/verdict.ts';

const at = (time: string) => new Date(`2026-11-22T${time}Z`);
const now = at('12:00:00');
const drifted: CheckState = {
  check: 'patching',
  verdict: 'drifted',
  severity: 'high',
  findings: [],
  exceptions: [],
  facts: {},
  error: null,
};
const usual: Situation = {
  now,
  state: drifted,
  remedy: { id: 'update_to_baseline_generation', disruptive: true, manual: false },
  mode: 'auto',
  history: { attempts: [], relapses: [], running: false },
  order: null,
  conditions: {
    window: {
      span: '02:00-04:00',
      timeZone: 'UTC',
      days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
    },
    allowOutsideWindow: false,
    catchUpSince: null,
    frozen: false,
    clock: { offsetMs: -3, maxSkewMs: 5000 },
    evidenceWritable: true,
    hasServer: true,
  },
};

type Change = Partial<Omit<Situation, 'conditions' | 'history'>> & {
  conditions?: Partial<Situation['conditions']>;
  history?: Partial<Situation['history']>;
};
const change = (by: Change): Situation => ({
  ...usual,
  ...by,
  history: { ...usual.history, ...by.history },
  conditions: { ...usual.conditions, ...by.conditions },
});
const gentle = { id: 'restart_av_service', disruptive: false, manual: false };
const failed = (time: string) => ({ finishedAt: at(time), outcome: 'failed' });
const tomorrow = new Date('2026-11-23T02:00:00Z');
const offClock = { clock: { offsetMs: 5001, maxSkewMs: 5000 } };
const noClock = { clock: { offsetMs: null, maxSkewMs: 5000 } };
const open = at('03:00:00');

const cases: [title: string, by: Change, plan: Plan][] = [
  ['auto runs at once', {}, { step: 'remedy', reason: 'mode_auto', withOrder: false }],
  [
    'a compliant check needs nothing',
    { state: { ...drifted, verdict: 'compliant' } },
    { step: 'none', reason: 'nothing_drifted' },
  ],
  [
    'what was not seen starts no remedy',
    { state: { ...drifted, verdict: 'unknown' } },
    { step: 'none', reason: 'nothing_drifted' },
  ],
  [
    'a running remedy is left alone',
    { history: { running: true } },
    { step: 'none', reason: 'running' },
  ],
  [
    'without evidence no remedy',
    { conditions: { evidenceWritable: false } },
    { step: 'alert', reason: 'evidence_not_writable' },
  ],
  [
    'not even by order',
    {
      mode: 'order',
      order: 'approved',
      conditions: { evidenceWritable: false, allowOutsideWindow: true },
    },
    { step: 'alert', reason: 'evidence_not_writable' },
  ],
  [
    'frozen: nothing runs',
    { conditions: { frozen: true } },
    { step: 'defer', reason: 'frozen', until: null },
  ],
  [
    'frozen: not even by order',
    { mode: 'order', order: 'approved', conditions: { frozen: true, allowOutsideWindow: true } },
    { step: 'defer', reason: 'frozen', until: null },
  ],
  [
    'a manual remedy is for a person',
    { remedy: { ...gentle, manual: true } },
    { step: 'alert', reason: 'person_must_act' },
  ],
  ['mode alert only alerts', { mode: 'alert' }, { step: 'alert', reason: 'mode_alert' }],
  [
    'window: closed',
    { mode: 'window' },
    { step: 'defer', reason: 'outside_window', until: tomorrow },
  ],
  [
    'window: open',
    { mode: 'window', now: open },
    { step: 'remedy', reason: 'window_open', withOrder: false },
  ],
  [
    'window: a gentle remedy waits too',
    { mode: 'window', remedy: gentle },
    { step: 'defer', reason: 'outside_window', until: tomorrow },
  ],
  [
    'window: outside allowed',
    { mode: 'window', conditions: { allowOutsideWindow: true } },
    { step: 'remedy', reason: 'outside_window_allowed', withOrder: false },
  ],
  [
    'window: missed and caught up',
    { mode: 'window', conditions: { catchUpSince: at('01:00:00') } },
    { step: 'remedy', reason: 'window_missed', withOrder: false },
  ],
  [
    'window: not missed, as the agent was there',
    { mode: 'window', conditions: { catchUpSince: at('02:30:00') } },
    { step: 'defer', reason: 'outside_window', until: tomorrow },
  ],
  ['order: asked for first', { mode: 'order' }, { step: 'request_order', reason: 'order_needed' }],
  [
    'order: without a server an alert',
    { mode: 'order', conditions: { hasServer: false } },
    { step: 'alert', reason: 'no_server_for_order' },
  ],
  [
    'order: waits for approval',
    { mode: 'order', order: 'requested' },
    { step: 'defer', reason: 'order_requested', until: null },
  ],
  [
    'order: rejected',
    { mode: 'order', order: 'rejected' },
    { step: 'alert', reason: 'order_rejected' },
  ],
  [
    'order: approved, but a disruptive remedy keeps to the window',
    { mode: 'order', order: 'approved' },
    { step: 'defer', reason: 'outside_window', until: tomorrow },
  ],
  [
    'order: approved within the window',
    { mode: 'order', order: 'approved', now: open },
    { step: 'remedy', reason: 'order_approved', withOrder: true },
  ],
  [
    'order: approved, a gentle remedy runs at once',
    { mode: 'order', order: 'approved', remedy: gentle },
    { step: 'remedy', reason: 'order_approved', withOrder: true },
  ],
  [
    'clock off: a disruptive remedy waits',
    { conditions: offClock },
    { step: 'defer', reason: 'clock_off', until: null },
  ],
  [
    'clock unknown: a disruptive remedy waits',
    { conditions: noClock },
    { step: 'defer', reason: 'clock_unknown', until: null },
  ],
  [
    'clock off at the very limit is not off',
    { conditions: { clock: { offsetMs: -5000, maxSkewMs: 5000 } } },
    { step: 'remedy', reason: 'mode_auto', withOrder: false },
  ],
  [
    'clock off: not even by order',
    { mode: 'order', order: 'approved', now: open, conditions: offClock },
    { step: 'defer', reason: 'clock_off', until: null },
  ],
  [
    'clock off: a gentle remedy runs',
    { remedy: gentle, conditions: offClock },
    { step: 'remedy', reason: 'mode_auto', withOrder: false },
  ],
  [
    'clock off: a gentle remedy that keeps to a window waits',
    { remedy: gentle, mode: 'window', now: open, conditions: offClock },
    { step: 'defer', reason: 'clock_off', until: null },
  ],
  [
    'after a failure it waits a minute',
    { history: { attempts: [failed('11:59:30')] } },
    { step: 'defer', reason: 'backing_off', until: at('12:00:30') },
  ],
  [
    'and then tries again',
    { history: { attempts: [failed('11:59:00')] } },
    { step: 'remedy', reason: 'mode_auto', withOrder: false },
  ],
  [
    'after three failures four minutes',
    { history: { attempts: ['11:40:00', '11:50:00', '11:58:00'].map(failed) } },
    { step: 'defer', reason: 'backing_off', until: at('12:02:00') },
  ],
  [
    'never more than an hour',
    { history: { attempts: Array.from({ length: 50 }, () => failed('11:30:00')) } },
    { step: 'defer', reason: 'backing_off', until: at('12:30:00') },
  ],
  [
    'a success ends the waiting',
    {
      history: {
        attempts: [failed('11:59:40'), { finishedAt: at('11:59:50'), outcome: 'success' }],
      },
    },
    { step: 'remedy', reason: 'mode_auto', withOrder: false },
  ],
  [
    'what was taken back is for a person',
    { history: { attempts: [{ finishedAt: at('10:00:00'), outcome: 'reverted' }] } },
    { step: 'alert', reason: 'reverted_before' },
  ],
  [
    'or asked for again by order',
    { mode: 'order', history: { attempts: [{ finishedAt: at('10:00:00'), outcome: 'reverted' }] } },
    { step: 'request_order', reason: 'order_needed' },
  ],
  [
    'two relapses in an hour are no quarantine',
    { history: { relapses: [at('11:30:00'), at('11:40:00')] } },
    { step: 'remedy', reason: 'mode_auto', withOrder: false },
  ],
  [
    'three relapses in an hour are',
    { history: { relapses: [at('11:00:00'), at('11:40:00'), at('12:00:00')] } },
    { step: 'alert', reason: 'quarantined' },
  ],
  [
    'three relapses in more than an hour are none',
    { history: { relapses: [at('10:59:59'), at('11:40:00'), at('12:00:00')] } },
    { step: 'remedy', reason: 'mode_auto', withOrder: false },
  ],
  [
    'a quarantine stays',
    { history: { relapses: [at('01:00:00'), at('01:10:00'), at('01:20:00')] } },
    { step: 'alert', reason: 'quarantined' },
  ],
  [
    'an order ends a quarantine',
    {
      mode: 'order',
      order: 'approved',
      remedy: gentle,
      history: { relapses: [at('01:00:00'), at('01:10:00'), at('01:20:00')] },
    },
    { step: 'remedy', reason: 'order_approved', withOrder: true },
  ],
];

for (const [title, by, plan] of cases)
  test(title, () => assert.equal(planRemedy(change(by)), plan));

test('every plan has a sentence, with its time where it has one', () => {
  assert.is(
    explainPlan({ step: 'defer', reason: 'outside_window', until: tomorrow }),
    'The maintenance window is closed until 2026-11-23T02:00:00.000Z.',
  );
  for (const [, by] of cases) assert.match(explainPlan(planRemedy(change(by))), /^[A-Z].*\.$/);
});

test.run();
