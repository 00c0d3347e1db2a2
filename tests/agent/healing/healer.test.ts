import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHealer, type HealerParts } from '../../../agent/src/agent/healing/healer.ts';
import { exchangeOrders } from '../../../agent/src/agent/healing/orders.ts';
import type { Healed, HealingInput } from '../../../agent/src/agent/healing.ts';
import type { Check } from '../../../agent/src/core/check.ts';
import { EMPTY_JOURNAL, type Journal, type OrderTask } from '../../../agent/src/core/journal.ts';
import { FailureError } from '../../../agent/src/wire/failure.ts';
import type { RemedyAnswer, RemedyResult } from '../../../agent/src/wire/remedy.ts';
import type { OrderStatusAnswer } from '../../../agent/src/wire/routes.ts';
import { Settings } from '../../../agent/src/wire/settings.ts';
import type { CheckState } from '../../../agent/src/wire/verdict.ts';

const now = new Date('2026-11-22T12:00:00.000Z');
const check = {
  id: 'antivirus',
  remedy: 'restart_av_service',
  citations: [{ framework: 'hipaa', id: '164.308(a)(5)(ii)(B)', title: 'x' }],
} as unknown as Check;
const state = (verdict: CheckState['verdict']): CheckState => ({
  check: 'antivirus',
  verdict,
  severity: verdict === 'drifted' ? 'high' : null,
  findings: [],
  exceptions: [],
  facts: {},
  error: null,
});
const result = (number: number, change: Partial<RemedyResult> = {}): RemedyResult => ({
  type: 'compliance-agent/remedy/v1',
  number,
  remedy: 'restart_av_service',
  state: 'finished',
  order_id: null,
  timestamp_start: '2026-11-22T12:00:00.000Z',
  timestamp_end: '2026-11-22T12:00:01.500Z',
  outcome: 'success',
  action_taken: [],
  rollback_available: false,
  rollback_generation: null,
  target_generation: null,
  error: null,
  ...change,
});

type Given = {
  connection?: () => Promise<RemedyAnswer | null>;
  patienceMs?: number;
  mode?: 'auto' | 'window';
  offset?: number | null;
};

/** A host whose root side and check are these variables; the healer is real. */
function host({
  patienceMs = 60_000,
  journal = EMPTY_JOURNAL,
  settings = {},
}: {
  patienceMs?: number;
  journal?: Journal;
  settings?: Record<string, unknown>;
} = {}) {
  let current = journal;
  const world = {
    results: [] as RemedyResult[],
    verdict: 'drifted' as CheckState['verdict'],
    asked: 0,
    woken: 0,
    journal: () => current,
    file: {
      current: () => current,
      change: (by: (before: Journal) => Journal) => {
        current = by(current);
        return true;
      },
    },
    /** What a connection does; by default it mends and answers. */
    connection: async (): Promise<RemedyAnswer | null> => mend(),
  };
  const mend = (change: Partial<RemedyResult> = {}): RemedyAnswer => {
    const written = result(world.results.length + 1, change);
    world.results.push(written);
    world.verdict = 'compliant';
    return { ran: true, result: written };
  };
  let ids = 0;
  const parts: HealerParts = {
    journal: world.file,
    settings: () => Settings.parse(settings),
    checks: [check],
    readResults: () => world.results,
    readRootState: () => null,
    ask: () => {
      world.asked += 1;
      return world.connection();
    },
    patienceMs,
    wake: () => {
      world.woken += 1;
    },
    newId: () => {
      ids += 1;
      return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
    },
    lastSeen: null,
  };
  const start = () => {
    const heal = createHealer(parts);
    return (change: Partial<HealingInput> = {}): Promise<Healed> =>
      heal({
        states: [state(world.verdict)],
        now,
        context: { ntp_offset_ms: 0 } as HealingInput['context'],
        mayStart: true,
        lookAgain: async () => state(world.verdict),
        ...change,
      });
  };
  return { world, mend, start };
}

const outcomes = ({ drafts }: Healed) => drafts.map(({ outcome }) => outcome);

test('drift is healed, looked at again and proved within one cycle', async () => {
  const { world, start } = host();
  const cycle = start();
  const healed = await cycle();
  assert.equal(outcomes(healed), ['success']);
  const [draft] = healed.drafts;
  assert.equal(
    [draft?.pre_state, draft?.post_state].map((one) => (one as CheckState).verdict),
    ['drifted', 'compliant'],
  );
  assert.is(draft?.action_taken[0]?.command, 'remedy/restart_av_service result 1');
  assert.is(draft?.action_taken[0]?.duration_sec, 1.5);
  assert.equal([healed.attempted, healed.successful, world.asked], [1, 1, 1]);
  await cycle();
  assert.equal(world.journal().intents, []);
  assert.equal(world.journal().recorded, [1]);
});

const putOff: [title: string, reason: string, given: Given][] = [
  ['its socket is busy', 'busy', { connection: async () => null }],
  ['it is still running', 'running', { connection: () => new Promise(() => {}), patienceMs: 1 }],
  ['no time service tells the offset', 'clock_unknown', { mode: 'window', offset: null }],
  ['the clock is off', 'clock_off', { mode: 'window', offset: 6000 }],
  ['the window is closed', 'outside_window', { mode: 'window' }],
  [
    'root says so',
    'rate_limit',
    {
      connection: async () => ({
        ran: false,
        remedy: 'restart_av_service',
        outcome: 'deferred',
        order_id: null,
        error: { code: 'busy', params: { reason: 'rate_limit' } },
      }),
    },
  ],
];
for (const [title, reason, { connection, patienceMs, mode = 'auto', offset = 0 }] of putOff) {
  test(`a remedy that is put off says why: ${title}`, async () => {
    const { world, start } = host({
      patienceMs: patienceMs ?? 60_000,
      settings: { remedies: { restart_av_service: { mode } } },
    });
    if (connection !== undefined) world.connection = connection;
    const context = { ntp_offset_ms: offset } as HealingInput['context'];
    const { decisions } = await start()({ context });
    assert.equal(
      [decisions.get('antivirus')?.outcome, decisions.get('antivirus')?.error],
      ['deferred', { code: 'busy', params: { reason } }],
    );
  });
}

test('a remedy that calls itself a success and leaves the drift has failed', async () => {
  const { world, mend, start } = host();
  world.connection = async () => {
    const answer = mend();
    world.verdict = 'drifted';
    return answer;
  };
  const healed = await start()();
  assert.equal(outcomes(healed), ['failed']);
  assert.equal(healed.drafts[0]?.error, { code: 'unhealthy', params: { reason: 'still drifted' } });
});

test('a request that expired at the server is evidence, once, and is asked for anew', async () => {
  const task: OrderTask = {
    request_id: '10000000-0000-4000-8000-000000000001',
    check: 'antivirus',
    runbook_id: 'restart_av_service',
    reason: 'x',
    fingerprint: '',
    order_id: '10000000-0000-4000-8000-000000000002',
    state: 'requested',
    envelope: null,
    at: '2026-11-22T11:00:00.000Z',
  };
  const files = { ca_file: '/ca', client_cert_file: '/crt', client_key_file: '/key' };
  const { world, start } = host({
    journal: { ...EMPTY_JOURNAL, orders: [task] },
    settings: {
      remedies: { restart_av_service: { mode: 'order' } },
      mcp_url: 'https://mcp',
      ...files,
    },
  });
  const { order_id } = task;
  const answer = { order_id, runbook_id: task.runbook_id, state: 'expired', order: null };
  const client = {
    requestOrder: () => Promise.reject(new Error('nothing is new')),
    approvedOrders: async () => [],
    orderStatus: async () => answer as OrderStatusAnswer,
  };
  const options = { journal: world.file, newId: () => '', now, signal: AbortSignal.abort() };
  assert.is(await exchangeOrders(client, options), true);

  const cycle = start();
  const [draft, ...others] = (await cycle()).drafts;
  assert.equal(others, []);
  assert.equal(
    [draft?.check, draft?.outcome, draft?.order_id, draft?.runbook_id, draft?.error?.code],
    ['order', 'expired', order_id, 'restart_av_service', 'expired'],
  );
  assert.equal(outcomes(await cycle()), []);
  assert.equal(
    world.journal().orders.map(({ state, request_id }) => [state, request_id === task.request_id]),
    [['new', false]],
  );
});

test('a long remedy does not hold the cycle: a later one finishes it', async () => {
  const { world, mend, start } = host({ patienceMs: 1 });
  let end: (answer: RemedyAnswer) => void = () => {};
  world.connection = () => new Promise((resolve) => (end = resolve));
  const cycle = start();
  const first = await cycle();
  assert.equal(outcomes(first), []);
  assert.is(first.decisions.get('antivirus')?.outcome, 'deferred');
  await cycle();
  assert.is(world.asked, 1);
  end(mend());
  await new Promise(setImmediate);
  assert.is(world.woken, 1);
  assert.equal(outcomes(await cycle()), ['success']);
  assert.equal(outcomes(await cycle()), []);
});

test('a busy remedy is asked again by a later cycle', async () => {
  const { world, mend, start } = host();
  world.connection = async () => (world.asked === 1 ? null : mend());
  const cycle = start();
  const first = await cycle();
  assert.equal([outcomes(first), first.decisions.get('antivirus')?.outcome], [[], 'deferred']);
  assert.equal(outcomes(await cycle()), ['success']);
});

test('without a socket the drift stays an alert, and the journal stays empty', async () => {
  const { world, start } = host();
  world.connection = () => Promise.reject(new FailureError('unreachable', { errno: 'ENOENT' }));
  const cycle = start();
  const healed = await cycle();
  assert.equal([outcomes(healed), healed.decisions.size], [[], 0]);
  await cycle({ mayStart: true });
  assert.is(world.journal().intents.length, 1); // the one of this cycle
});

test('while evidence cannot be written nothing starts', async () => {
  const { world, start } = host();
  await start()({ mayStart: false });
  assert.equal([world.asked, world.journal().intents], [0, []]);
});

test('an intent is on the disk before its remedy is asked', async () => {
  const { world, mend, start } = host();
  let intents = 0;
  world.connection = async () => {
    intents = world.journal().intents.length;
    return mend();
  };
  await start()();
  assert.is(intents, 1);
});

/** The agent dies as soon as it has asked; what root does meanwhile is the case; then it starts again. */
async function died(after: (given: ReturnType<typeof host>) => void) {
  const given = host({ patienceMs: 1 });
  given.world.connection = () => new Promise(() => {});
  await given.start()();
  after(given);
  given.world.asked = 0;
  given.world.connection = async () => given.mend();
  return given;
}

test('the agent died, the remedy ended: its evidence is completed and it does not run again', async () => {
  const { world, start } = await died(({ mend }) => mend());
  const cycle = start();
  const healed = await cycle();
  assert.equal([outcomes(healed), world.asked], [['success'], 0]);
  assert.is((healed.drafts[0]?.pre_state as CheckState | undefined)?.verdict, 'drifted');
  assert.equal([outcomes(await cycle()), world.asked], [[], 0]);
});

test('the agent died, the remedy was cut off: root is asked to settle it, once', async () => {
  const { world, start } = await died(({ world }) => {
    world.results.push(result(1, { state: 'started', outcome: null, timestamp_end: null }));
  });
  world.connection = async () => {
    world.results[0] = result(1, {
      outcome: 'failed',
      error: { code: 'interrupted', params: {} },
    });
    return { ran: true, result: world.results[0] };
  };
  const cycle = start();
  assert.equal(outcomes(await cycle()), ['failed']);
  assert.is(world.results.length, 1);
});

test('the agent died before the remedy began: it is planned anew', async () => {
  const { world, start } = await died(() => {});
  assert.equal([outcomes(await start()()), world.asked], [['success'], 1]);
});

test('the agent died after the evidence and before the journal: nothing is recorded twice', async () => {
  const { world, start } = host();
  await start()(); // the drafts were handed over; this process never sees another cycle
  const journal = world.journal();
  assert.is(journal.intents.length, 1);
  const again = host({ journal: { ...journal, recorded: [1] } }); // as the evidence tells
  again.world.results = world.results;
  again.world.verdict = 'compliant';
  const cycle = again.start();
  assert.equal(outcomes(await cycle()), []);
  await cycle();
  assert.equal(again.world.journal().intents, []);
});

test('the journal was lost: what root wrote still gets its evidence, without a before', async () => {
  const { world, start } = host();
  world.results = [result(1), result(2, { outcome: 'reverted' })];
  world.verdict = 'compliant';
  const healed = await start()();
  assert.equal(
    healed.drafts.map(({ outcome, pre_state }) => [outcome, pre_state]),
    [
      ['success', null],
      ['reverted', null],
    ],
  );
});

const refusal = (outcome: 'rejected' | 'deferred'): RemedyAnswer => ({
  ran: false,
  remedy: 'restart_av_service',
  outcome,
  order_id: null,
  error: { code: outcome === 'rejected' ? 'rejected' : 'busy', params: { reason: 'x' } },
});

test('what root refuses is evidence; what it defers is how the drift is recorded', async () => {
  const { world, start } = host();
  world.connection = async () => refusal('rejected');
  const refused = await start()();
  assert.equal(
    refused.drafts.map(({ check, outcome }) => [check, outcome]),
    [['order', 'rejected']],
  );
  const later = host();
  later.world.connection = async () => refusal('deferred');
  const deferred = await later.start()();
  assert.equal([deferred.drafts, deferred.decisions.get('antivirus')?.outcome], [[], 'deferred']);
});

test('three relapses within an hour end in an alert', async () => {
  const { world, start } = host();
  const cycle = start();
  for (let relapse = 0; relapse < 5; relapse += 1) {
    world.verdict = 'drifted';
    await cycle({ states: [state('drifted')], now: new Date(now.getTime() + relapse * 60_000) });
  }
  assert.is(world.asked, 3);
});

test.run();
