import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Config } from '../../../agent/src/agent/config.ts';
import { type RemedyRun, runRemedy } from '../../../agent/src/agent/remedy/run.ts';
import { createSigner } from '../../../agent/src/core/ed25519.ts';
import { sealEnvelope } from '../../../agent/src/core/envelope.ts';
import type { Hands } from '../../../agent/src/core/remedy.ts';
import { setFrozen } from '../../../agent/src/core/root-state.ts';
import { takeRootLock } from '../../../agent/src/effects/root/lock.ts';
import { readResults, writeResult } from '../../../agent/src/effects/root/results.ts';
import {
  acceptGeneration,
  changeRootState,
  readAcceptedGeneration,
  readRootState,
} from '../../../agent/src/effects/root/state.ts';
import { REMEDIES } from '../../../agent/src/remedies/index.ts';
import type { OrderPayload } from '../../../agent/src/wire/envelope.ts';
import type { RemedyResult } from '../../../agent/src/wire/remedy.ts';
import { Settings } from '../../../agent/src/wire/settings.ts';

const test = suite('a connection to a remedy, on the root side', { folder: '' });
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'root-'));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const now = new Date('2026-11-22T12:00:00.000Z');
const before = new Date('2026-11-22T08:00:00.000Z');
const operator = createSigner(new Uint8Array(32).fill(7));
const GENERATION = '/nix/store/x11vd8kpc5sxxplcq794gcbq6d4brz2g-nixos-system-rig-2';

type Given = Partial<Omit<RemedyRun, 'config' | 'remedy'>> & {
  id?: string;
  settings?: Record<string, unknown>;
  hands?: Partial<Hands>;
};

/** A remedy that does nothing but what `hands` say; everything else is real. */
function run(
  folder: string,
  { id = 'restart_av_service', settings = {}, hands, ...given }: Given = {},
) {
  const remedy = REMEDIES.find((one) => one.id === id);
  if (remedy === undefined) throw new Error(id);
  const config = {
    settings: Settings.parse({
      host_id: 'clinic-1',
      site_id: 'site-1',
      root_state_dir: folder,
      orders_allow: [id],
      allow_disruptive_outside_window: true,
      ...settings,
    }),
    baseline: { checks: { antivirus: { units: [{ unit: 'clamav-daemon.service' }] } } },
  } as unknown as Config;
  return runRemedy({
    remedy: {
      ...remedy,
      async run(work) {
        await hands?.perform?.('x', async () => work);
        return { outcome: 'success', error: null };
      },
    },
    config,
    order: Buffer.alloc(0),
    orderKeys: [operator.publicKey],
    bootedAt: before,
    clock: () => now,
    readOffset: async () => ({ offset_ms: 12 }),
    makeHands: () => ({ hands: (hands ?? {}) as Hands, actions: () => [] }),
    ...given,
  });
}

let serial = 0;
function order(change: Partial<OrderPayload> = {}): Buffer {
  serial += 1;
  const payload: OrderPayload = {
    type: 'compliance-agent/order/v1',
    order_id: '0b54c1b2-6c5e-4b7e-9a43-0d1d2c3b4a5f',
    runbook_id: 'restart_av_service',
    params: {},
    nonce: serial.toString(16).padStart(32, '0'),
    sequence: serial,
    issued_at: '2026-11-22T11:00:00.000Z',
    ttl: 7200,
    host_id: 'clinic-1',
    site_id: 'site-1',
    ...change,
  };
  return Buffer.from(JSON.stringify(sealEnvelope(payload, operator)));
}

const reason = (answer: Awaited<ReturnType<typeof runRemedy>>) =>
  answer.ran ? `ran ${answer.result.outcome}` : `${answer.outcome}: ${answer.error.params.reason}`;

test('it writes how it ended before it answers, and anybody may read that', async ({ folder }) => {
  const answer = await run(folder);
  assert.ok(answer.ran);
  assert.equal(readResults(folder), [answer.result]);
  assert.is(answer.result.state, 'finished');
  assert.is(statSync(join(folder, 'results/0000000001.json')).mode & 0o777, 0o644);
  assert.is(statSync(join(folder, 'state.json')).mode & 0o777, 0o644);
});

test('numbers rise over all remedies', async ({ folder }) => {
  await run(folder);
  await run(folder, { id: 'restore_firewall_baseline' });
  assert.equal(
    readResults(folder).map(({ number, remedy }) => [number, remedy]),
    [
      [1, 'restart_av_service'],
      [2, 'restore_firewall_baseline'],
    ],
  );
});

const refused: [title: string, given: Given, expected: string][] = [
  [
    'mode alert runs nothing',
    { settings: { remedies: { restart_av_service: { mode: 'alert' } } } },
    'rejected: mode alert',
  ],
  [
    'mode order needs an order',
    { settings: { remedies: { restart_av_service: { mode: 'order' } } } },
    'rejected: order needed',
  ],
  [
    'a closed window defers, whatever the agent thinks',
    {
      settings: {
        remedies: { restart_av_service: { mode: 'window' } },
        allow_disruptive_outside_window: false,
      },
    },
    'deferred: outside_window',
  ],
  [
    'a clock that is off defers what keeps to a time, whatever the agent thinks',
    {
      settings: { remedies: { restart_av_service: { mode: 'window' } } },
      readOffset: async () => ({ offset_ms: -5001 }),
    },
    'deferred: clock_off',
  ],
  [
    'a clock of which nobody tells defers what interrupts people, with an order too',
    {
      id: 'update_to_baseline_generation',
      order: order({ runbook_id: 'update_to_baseline_generation' }),
      readOffset: async () => ({ offset_ms: null }),
    },
    'deferred: clock_unknown',
  ],
  ['bytes that are no order', { order: Buffer.from('{"rm":"-rf"}') }, 'rejected: order malformed'],
  ['an endless order', { order: Buffer.alloc(16 * 1024 + 1, 0x20) }, 'rejected: order too_large'],
  ['a key that is not pinned', { orderKeys: [], order: order() }, 'rejected: order forged'],
  [
    'an order for another host',
    { order: order({ host_id: 'clinic-2' }) },
    'rejected: order other_host',
  ],
  [
    'an order for another site',
    { order: order({ site_id: 'site-2' }) },
    'rejected: order other_host',
  ],
  ['an expired order', { order: order({ ttl: 3600 }) }, 'expired: order expired'],
  [
    'an order from the future',
    { order: order({ issued_at: '2026-11-22T12:00:05.001Z' }) },
    'rejected: order future_dated',
  ],
  [
    'an order that lives longer than this host allows',
    { order: order(), settings: { order_ttl: 3600 } },
    'expired: order expired',
  ],
  [
    'an order for another remedy',
    {
      order: order({ runbook_id: 'run_backup_job' }),
      settings: { orders_allow: ['run_backup_job'] },
    },
    'rejected: order runbook_not_allowed',
  ],
  [
    'an order that the settings do not allow',
    { order: order(), settings: { orders_allow: [] } },
    'rejected: order runbook_not_allowed',
  ],
  [
    'an order with parameters that the runbook lacks',
    { order: order({ params: { command: 'sh' } }) },
    'rejected: order params',
  ],
];
for (const [title, given, expected] of refused) {
  test(`${title}: nothing runs, no number is taken`, async ({ folder }) => {
    changeRootState(folder, before, (state) => [state, undefined]);
    assert.is(reason(await run(folder, given)), expected);
    assert.equal(readResults(folder), []);
    assert.is(readRootState(folder)?.last_number, 0);
  });
}

test('an order is spent once: replayed it is refused', async ({ folder }) => {
  changeRootState(folder, before, (state) => [state, undefined]);
  const signed = order();
  assert.is(reason(await run(folder, { order: signed })), 'ran success');
  assert.is(reason(await run(folder, { order: signed })), 'rejected: order replayed');
});

test('an order below the highest sequence is refused', async ({ folder }) => {
  changeRootState(folder, before, (state) => [state, undefined]);
  const earlier = order();
  assert.is(reason(await run(folder, { order: order() })), 'ran success');
  assert.is(reason(await run(folder, { order: earlier })), 'rejected: order sequence');
});

test('with the state wiped, orders issued before are refused', async ({ folder }) => {
  changeRootState(folder, before, (state) => [state, undefined]);
  const signed = order();
  assert.is(reason(await run(folder, { order: signed })), 'ran success');
  rmSync(join(folder, 'state.json'));
  assert.is(reason(await run(folder, { order: signed })), 'rejected: order before_state');
});

test('a state that cannot be understood is made anew and set apart; numbers go on', async ({
  folder,
}) => {
  await run(folder);
  writeFileSync(join(folder, 'state.json'), '{');
  const answer = await run(folder);
  assert.is(answer.ran && answer.result.number, 2);
  assert.is(readFileSync(join(folder, 'state.json.unreadable'), 'utf8'), '{');
});

test('an order runs what mode alert would not', async ({ folder }) => {
  changeRootState(folder, before, (state) => [state, undefined]);
  const settings = { remedies: { restart_av_service: { mode: 'alert' } } };
  assert.is(reason(await run(folder, { order: order(), settings })), 'ran success');
});

test('frozen: nothing runs, and the order is not spent', async ({ folder }) => {
  changeRootState(folder, before, (state) => [setFrozen(state, true, before), undefined]);
  const signed = order();
  assert.is(reason(await run(folder, { order: signed })), 'deferred: frozen');
  changeRootState(folder, before, (state) => [setFrozen(state, false, before), undefined]);
  assert.is(reason(await run(folder, { order: signed })), 'ran success');
});

test('root counts the runs of an hour itself', async ({ folder }) => {
  const settings = { remedy_runs_per_hour: 2 };
  for (const expected of ['ran success', 'ran success', 'deferred: rate_limit'])
    assert.is(reason(await run(folder, { settings })), expected);
  const later = () => new Date(now.getTime() + 3_600_000);
  assert.is(reason(await run(folder, { settings, clock: later })), 'ran success');
});

test('while it runs, another connection is deferred', async ({ folder }) => {
  const lock = takeRootLock(folder, 'restart_av_service', 0);
  const answer = await run(folder);
  assert.is(answer.ran ? '' : answer.error.code, 'busy');
  lock.release();
  assert.ok((await run(folder)).ran);
});

const cutOff = (change: Partial<RemedyResult> = {}): RemedyResult => ({
  type: 'compliance-agent/remedy/v1',
  number: 1,
  remedy: 'restart_av_service',
  state: 'started',
  order_id: null,
  timestamp_start: before.toISOString(),
  timestamp_end: null,
  outcome: null,
  action_taken: [],
  rollback_available: false,
  rollback_generation: null,
  target_generation: null,
  error: null,
  ...change,
});

test('a run that was cut off is settled under its own number and does not run again', async ({
  folder,
}) => {
  writeResult(folder, cutOff());
  const answer = await run(folder);
  assert.ok(answer.ran);
  assert.is(answer.result.number, 1);
  assert.is(answer.result.outcome, 'failed');
  assert.equal(answer.result.error, {
    code: 'interrupted',
    params: { where: 'restart_av_service' },
  });
  assert.is(readResults(folder).length, 1);
});

test('what another remedy left is not its to settle', async ({ folder }) => {
  writeResult(folder, cutOff({ remedy: 'run_backup_job' }));
  const answer = await run(folder);
  assert.is(answer.ran && answer.result.number, 2);
});

test('what nobody foresaw is a failure that is written down', async ({ folder }) => {
  const hands = { perform: () => Promise.reject(new TypeError('x')) };
  const answer = await run(folder, { hands });
  assert.is(reason(answer), 'ran failed');
  assert.is(readResults(folder)[0]?.state, 'finished');
});

test('the accepted generation is one path and a newline, and each change is an event', async ({
  folder,
}) => {
  acceptGeneration(folder, { generation: GENERATION, by: 'operator', orderId: null, now });
  assert.is(readFileSync(join(folder, 'accepted-generation'), 'utf8'), `${GENERATION}\n`);
  assert.is(readAcceptedGeneration(folder), GENERATION);
  assert.equal(readRootState(folder)?.events, [
    {
      number: 1,
      kind: 'acceptance',
      at: now.toISOString(),
      by: 'operator',
      generation: GENERATION,
      previous: null,
      order_id: null,
    },
  ]);
});

test.run();
