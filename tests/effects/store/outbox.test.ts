import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reindex } from '../../../agent/src/effects/store/reindex.ts';
import { openStore, type Store } from '../../../agent/src/effects/store/store.ts';
import type { Draft } from '../../../agent/src/wire/evidence.ts';
import type { NoticeChannel } from '../../../agent/src/wire/notice.ts';
import { CONTEXT, draftOf, signerOf } from '../../support/evidence.ts';
import { failureOf } from '../../support/failure.ts';
import { withStateDir } from '../../support/stores.ts';

const NOW = { now: new Date('2026-11-22T09:30:00.000Z'), sinceBootMs: 5_000_000 };
const MINUTE = 60_000;

const open = (
  stateDir: string,
  { channels = ['webhook'] as NoticeChannel[], bootId = 'boot-1' } = {},
): Store => openStore({ stateDir, key: () => signerOf(7), queueing: false, bootId, channels });

test('notices wait through a reindex with their tries, where bundles get other positions too', () =>
  withStateDir((stateDir) => {
    const store = open(stateDir);
    store.append(draftOf({ outcome: 'alert' }), CONTEXT);
    const { sha256 } = store.append(draftOf({ outcome: 'alert' }), CONTEXT);
    store.outbox.markDelivered('webhook', 1);
    const failure = { code: 'unreachable' as const, params: {} };
    store.outbox.markFailed('webhook', 2, { at: NOW, failure, jitter: 0 });
    store.close();
    const db = new Database(join(stateDir, 'evidence.db'));
    db.exec(
      'UPDATE bundle SET position = position + 40; UPDATE outbox SET position = position + 40',
    );
    db.close();
    const publicKeys = [signerOf(7).publicKey];
    assert.is(reindex({ stateDir, publicKeys }).notices, 1);
    const again = open(stateDir);
    assert.equal(again.outbox.due('webhook', { at: NOW, limit: 10 }), []);
    assert.is(again.outbox.nextDueMs('webhook', NOW), 2 * MINUTE);
    const [position = -1] = again.outbox.due('webhook', {
      at: { ...NOW, sinceBootMs: NOW.sinceBootMs + 2 * MINUTE },
      limit: 10,
    });
    assert.is(again.outbox.notice(position).bundle_sha256, sha256);
    again.close();

    writeFileSync(join(stateDir, 'evidence.db'), 'no database');
    assert.is(reindex({ stateDir, publicKeys }).notices, null);
  }));

const told: [outcome: Draft['outcome'], check: string, told: boolean][] = [
  ['alert', 'firewall', true],
  ['compliant', 'firewall', true],
  ['success', 'backup', true],
  ['failed', 'backup', true],
  ['rejected', 'order', true],
  ['recorded', 'freeze', true],
  ['recorded', 'acceptance', true],
  ['recorded', 'antivirus', false],
  ['recorded', 'a_seventh_check', false],
  ['recorded', 'agent', false],
  ['alert', 'attestation', false],
];
for (const [outcome, check, expected] of told) {
  test(`${check} ${outcome} is ${expected ? 'told' : 'not told'}`, () =>
    withStateDir((stateDir) => {
      const store = open(stateDir);
      store.append(draftOf({ check, outcome }), CONTEXT);
      const waiting = store.outbox.due('webhook', { at: NOW, limit: 10 });
      assert.is(waiting.length, expected ? 1 : 0);
      store.close();
    }));
}

test('a notice waits through a restart, and each channel has its own', () =>
  withStateDir((stateDir) => {
    const channels: NoticeChannel[] = ['webhook', 'syslog'];
    const first = open(stateDir, { channels });
    const { sha256 } = first.append(draftOf({ outcome: 'alert' }), CONTEXT);
    const [position = -1] = first.outbox.due('webhook', { at: NOW, limit: 10 });
    first.outbox.markDelivered('webhook', position);
    first.outbox.markDelivered('webhook', position);
    first.close();
    const second = open(stateDir, { channels });
    assert.equal(second.outbox.metrics('webhook'), { pending: 0, stalled: 0, delivered: 1 });
    const [kept = -1] = second.outbox.due('syslog', { at: NOW, limit: 10 });
    const notice = second.outbox.notice(kept);
    assert.is(notice.bundle_sha256, sha256);
    assert.is(notice.outcome, 'alert');
    second.close();
  }));

test('a failed try waits 2, 4, 8 minutes and is stalled after ten, still tried', () =>
  withStateDir((stateDir) => {
    const store = open(stateDir);
    store.append(draftOf({ outcome: 'alert' }), CONTEXT);
    const [position = -1] = store.outbox.due('webhook', { at: NOW, limit: 10 });
    const failure = { code: 'unreachable', params: {} } as const;
    const fail = () =>
      store.outbox.markFailed('webhook', position, { at: NOW, failure, jitter: 0 });
    const delays = [1, 2, 3].map(() => {
      fail();
      return store.outbox.nextDueMs('webhook', NOW);
    });
    assert.equal(delays, [2 * MINUTE, 4 * MINUTE, 8 * MINUTE]);
    for (let tries = 3; tries < 10; tries += 1) fail();
    assert.equal(store.outbox.metrics('webhook'), { pending: 0, stalled: 1, delivered: 0 });
    assert.is(store.outbox.nextDueMs('webhook', NOW), 60 * MINUTE);
    store.outbox.retryNow('webhook');
    assert.is(store.outbox.nextDueMs('webhook', NOW), 0);
    store.close();
  }));

test('another boot makes every notice due within a minute', () =>
  withStateDir((stateDir) => {
    const before = open(stateDir);
    before.append(draftOf({ outcome: 'alert' }), CONTEXT);
    const failure = { code: 'timeout', params: {} } as const;
    before.outbox.markFailed('webhook', 1, { at: NOW, failure, jitter: 0 });
    before.close();
    const after = open(stateDir, { bootId: 'boot-2' });
    const due = after.outbox.nextDueMs('webhook', { ...NOW, sinceBootMs: 0 });
    assert.ok(due !== null && due <= MINUTE, String(due));
    after.close();
  }));

test('a receiver that is taken out of the settings leaves nothing that waits', () =>
  withStateDir((stateDir) => {
    const before = open(stateDir);
    before.append(draftOf({ outcome: 'alert' }), CONTEXT);
    before.close();
    open(stateDir, { channels: [] }).close();
    const after = open(stateDir);
    assert.is(after.outbox.nextDueMs('webhook', NOW), null);
    after.close();
  }));

test('a bundle that was altered or removed is not told', () =>
  withStateDir(async (stateDir) => {
    const store = open(stateDir);
    const told = async () => store.outbox.notice(1);
    const { folder } = store.append(draftOf({ outcome: 'alert' }), CONTEXT);
    writeFileSync(join(folder, 'bundle.json'), '{}');
    assert.is((await failureOf(told()))?.code, 'malformed');
    rmSync(folder, { recursive: true });
    assert.is((await failureOf(told()))?.code, 'absent');
    store.close();
  }));

test.run();
