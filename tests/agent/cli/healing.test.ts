import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSigner } from '../../../agent/src/core/ed25519.ts';
import { sealEnvelope } from '../../../agent/src/core/envelope.ts';
import { EMPTY_JOURNAL, type OrderTask } from '../../../agent/src/core/journal.ts';
import { DIST, FIXTURES, testWith } from '../../support/suite.ts';

const PROGRAM = join(DIST, 'compliance-agent.js');
const HOST = join(FIXTURES, 'patching/drifted/root');
const REMEDY = 'update_to_baseline_generation';
const GENERATION = '/nix/store/x11vd8kpc5sxxplcq794gcbq6d4brz2g-nixos-system-rig-25.05.3';
const REQUEST_ID = '0b54c1b2-6c5e-4b7e-9a43-0d1d2c3b4a51';
const ORDER_ID = '0b54c1b2-6c5e-4b7e-9a43-0d1d2c3b4a52';

const folder = mkdtempSync(join(tmpdir(), 'healing-verbs-'));
const config = join(folder, 'config.json');
const stateDir = join(folder, 'state');
test.after(() => rmSync(folder, { recursive: true }));
test.before.each(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(stateDir, { recursive: true });
  configure();
  const checks = { patching: { max_age_days: 3650 } };
  writeFileSync(join(folder, 'baseline.json'), JSON.stringify({ version: 1, checks }));
});

function configure(more: Record<string, unknown> = {}): void {
  const settings = {
    host_id: 'clinic-1',
    baseline_path: join(folder, 'baseline.json'),
    state_dir: stateDir,
    root_state_dir: join(folder, 'root-state'),
    runtime_dir: join(folder, 'run'),
    ...more,
  };
  writeFileSync(config, JSON.stringify(settings));
}

function run(args: string[], user: { uid?: number } = {}) {
  const all = [PROGRAM, ...args, '--config', config];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, {
    encoding: 'utf8',
    ...user,
  });
  return { code: status, stdout, stderr };
}

/** What a verb prints that must succeed. */
function print(...args: string[]): string {
  const { code, stdout, stderr } = run(args);
  assert.equal([code, stderr], [0, ''], args.join(' '));
  return stdout;
}

function planned() {
  const plans = JSON.parse(print('plan', '--root', HOST, '--json'));
  return plans.find(({ check }: { check: string }) => check === 'patching');
}

function giveOrder(state: OrderTask['state']): void {
  const payload = { type: 'compliance-agent/order/v1', order_id: ORDER_ID };
  const task: OrderTask = {
    request_id: REQUEST_ID,
    check: 'patching',
    runbook_id: REMEDY,
    reason: 'patching drifted: running',
    fingerprint: '',
    order_id: state === 'new' ? null : ORDER_ID,
    state,
    envelope:
      state === 'approved' ? sealEnvelope(payload, createSigner(new Uint8Array(32).fill(9))) : null,
    at: '2026-11-22T09:30:00.000Z',
  };
  const journal = { ...EMPTY_JOURNAL, orders: [task] };
  writeFileSync(join(stateDir, 'journal.json'), JSON.stringify(journal));
}

const mode = (name: string) => ({ remedies: { [REMEDY]: { mode: name } } });
const PLANS: [what: string, settings: object, step: string, reason: string][] = [
  ['an order without a server', {}, 'alert', 'no_server_for_order'],
  ['an alert', mode('alert'), 'alert', 'mode_alert'],
  ['at once, by a clock that nothing vouches for', mode('auto'), 'defer', 'clock_unknown'],
];
for (const [what, settings, step, reason] of PLANS)
  test(`plan: ${what}: ${step}, ${reason}`, () => {
    configure({ ...settings });
    const { verdict, remedy, ...plan } = planned();
    assert.equal([verdict, remedy, plan.step, plan.reason], ['drifted', REMEDY, step, reason]);
    assert.match(plan.sentence, /^[A-Z].*\.$/);
  });

test('plan: a table says the same to a person', () => {
  const table = print('plan', '--root', HOST);
  assert.match(table, /^patching +drifted +update_to_baseline_generation +alert +It needs/m);
  assert.match(table, 'this host has no control server');
});

test('orders: a host that asked for nothing says so', () => {
  assert.is(print('orders', 'list'), 'no orders\n');
  assert.equal(JSON.parse(print('orders', 'list', '--json')), []);
});

test('orders: an approved one is listed, and shown with what was signed', () => {
  giveOrder('approved');
  const line = print('orders', 'list');
  assert.match(line, /approved +patching +update_to_baseline_generation +\S+2\n$/);
  const [listed] = JSON.parse(print('orders', 'list', '--json'));
  assert.equal([listed.order_id, 'envelope' in listed], [ORDER_ID, false]);
  for (const id of [ORDER_ID, REQUEST_ID]) {
    const shown = JSON.parse(print('orders', 'show', id));
    assert.is(shown.payload.order_id, ORDER_ID);
    assert.match(shown.key_id, /^[0-9a-f]{64}$/);
  }
});

test('orders: one that is only asked for has its request’s id; an unknown one is none', () => {
  giveOrder('new');
  assert.match(print('orders', 'list'), `${REQUEST_ID}\n`);
  assert.is(JSON.parse(print('orders', 'show', REQUEST_ID)).payload, null);
  const { code, stderr } = run(['orders', 'show', ORDER_ID]);
  assert.is(code, 1);
  assert.match(stderr, `no order ${ORDER_ID}`);
});

testWith({ root: true }, 'freeze holds in every plan until unfreeze', () => {
  assert.match(print('freeze'), /^frozen since \d{4}-/);
  assert.equal([planned().step, planned().reason], ['defer', 'frozen']);
  assert.match(print('generation', 'show'), /^frozen since +\d{4}-/m);
  assert.is(print('unfreeze'), 'remedies may start\n');
  assert.is(planned().reason, 'no_server_for_order');
  assert.is(JSON.parse(print('generation', 'show', '--json')).frozen_since, null);
});

testWith({ root: true }, 'generation accept changes what generation show says', () => {
  assert.is(JSON.parse(print('generation', 'show', '--json')).accepted, null);
  assert.is(print('generation', 'accept', GENERATION), `accepted ${GENERATION}\n`);
  assert.is(JSON.parse(print('generation', 'show', '--json')).accepted, GENERATION);
  assert.match(print('generation', 'show'), `accepted     ${GENERATION}\n`);
  const { code, stderr } = run(['generation', 'accept', '/tmp/system']);
  assert.is(code, 64);
  assert.match(stderr, 'expected a path directly below /nix/store');
  assert.is(JSON.parse(print('generation', 'show', '--json')).accepted, GENERATION);
});

for (const verb of [['freeze'], ['unfreeze'], ['generation', 'accept', GENERATION]])
  testWith({ root: true }, `${verb.join(' ')} is root’s alone`, () => {
    const { code, stderr } = run(verb, { uid: 65_534 });
    assert.is(code, 1);
    assert.match(stderr, 'only root may do that');
  });

test.run();
