import { execFile } from 'node:child_process';
import { readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backoffMs } from '../../../agent/src/core/backoff.ts';
import type { Store } from '../../../agent/src/effects/store/store.ts';
import { CONTEXT, draftOf } from '../../support/evidence.ts';
import { storeIn, withStateDir } from '../../support/stores.ts';

const MINUTE = 60_000;
const failure = { code: 'unreachable', params: {} } as const;
const moment = (minutes: number) => ({
  now: new Date(Date.parse('2026-11-22T09:30:00.000Z') + minutes * MINUTE),
  sinceBootMs: minutes * MINUTE,
});
const receipt = { bytes: Buffer.from('{}'), signature: new Uint8Array(64).fill(1) };
const due = (store: Store, minutes: number): number =>
  store.queue.due({ at: moment(minutes), limit: 100 }).length;

const delays: [tries: number, minutes: number][] = [
  [1, 2],
  [2, 4],
  [5, 32],
  [6, 60],
  [10, 60],
  [1000, 60],
];
for (const [tries, minutes] of delays) {
  test(`after ${tries} tries the next is in ${minutes} minutes, and a tenth more at most`, () => {
    assert.is(backoffMs({ tries, jitter: 0 }), minutes * MINUTE);
    assert.is(backoffMs({ tries, jitter: 1 }), (minutes * MINUTE * 11) / 10);
  });
}

test('a bundle waits until its receipt lies beside it', () =>
  withStateDir((stateDir) => {
    const store = storeIn(stateDir);
    const { sha256, size, folder } = store.append(draftOf(), CONTEXT);
    assert.is(due(store, 0), 1);
    assert.equal(store.queue.metrics(moment(10).now), {
      pending: 1,
      stalled: 0,
      uploaded: 0,
      oldestAgeMs: 10 * MINUTE,
      bytes: size,
    });
    store.queue.markUploaded([{ sha256, receipt }]);
    store.queue.markUploaded([{ sha256, receipt }]); // an answer that came twice counts once
    assert.is(readFileSync(join(folder, 'receipt.json'), 'utf8'), '{}');
    assert.is(
      readFileSync(join(folder, 'receipt.sig'), 'utf8'),
      `${Buffer.alloc(64, 1).toString('base64')}\n`,
    );
    assert.equal(store.queue.metrics(moment(10).now), {
      pending: 0,
      stalled: 0,
      uploaded: 1,
      oldestAgeMs: 0,
      bytes: 0,
    });
    store.close();
  }));

test('a receipt that a power cut took from its folder is written again at the next start', () =>
  withStateDir((stateDir) => {
    const store = storeIn(stateDir);
    const { sha256, folder } = store.append(draftOf(), CONTEXT);
    store.queue.markUploaded([{ sha256, receipt }]);
    store.close();
    truncateSync(join(folder, 'receipt.json'));
    rmSync(join(folder, 'receipt.sig'));
    storeIn(stateDir).close();
    assert.is(readFileSync(join(folder, 'receipt.json'), 'utf8'), '{}');
    assert.is(readFileSync(join(folder, 'receipt.sig'), 'utf8').length, 89);
  }));

const flushes: [how: string, path: string | undefined][] = [
  ['by sync(1)', process.env.PATH],
  ['file by file where there is no sync(1)', '/nowhere'],
];
for (const [how, path] of flushes) {
  test(`many receipts are flushed at once, ${how}, and then no longer kept twice`, () =>
    withStateDir(async (stateDir) => {
      const store = storeIn(stateDir);
      const kept = () => {
        const db = new Database(join(stateDir, 'evidence.db'), { readonly: true });
        const count = db.prepare('SELECT count(*) FROM receipt').pluck().get();
        db.close();
        return count;
      };
      const received = Array.from({ length: 256 }, () => ({
        sha256: store.append(draftOf(), CONTEXT).sha256,
        receipt,
      }));
      store.queue.markUploaded(received.slice(1));
      await store.queue.settle();
      assert.is(kept(), 255, 'too few to flush the disk for');
      store.queue.markUploaded(received.slice(0, 1));
      const { PATH } = process.env;
      process.env.PATH = path;
      await store.queue.settle();
      process.env.PATH = PATH;
      assert.is(kept(), 0);
      store.close();
    }));
}

test('after ten tries an entry is stalled, is counted and is still tried each hour', () =>
  withStateDir((stateDir) => {
    const store = storeIn(stateDir);
    const { sha256 } = store.append(draftOf(), CONTEXT);
    for (let tries = 1; tries <= 10; tries += 1)
      store.queue.markFailed(sha256, { at: moment(0), failure, jitter: 0 });
    const { pending, stalled } = store.queue.metrics(moment(0).now);
    assert.equal({ pending, stalled }, { pending: 0, stalled: 1 });
    assert.is(due(store, 59), 0);
    assert.is(store.queue.nextDueMs(moment(59)), MINUTE);
    assert.is(due(store, 60), 1);
    store.queue.markFailed(sha256, { at: moment(60), failure, jitter: 0 });
    assert.is(store.queue.due({ at: moment(120), limit: 1 })[0]?.tries, 11);
    store.close();
  }));

test('retry makes everything due now', () =>
  withStateDir((stateDir) => {
    const store = storeIn(stateDir);
    const { sha256 } = store.append(draftOf(), CONTEXT);
    store.queue.markFailed(sha256, { at: moment(0), failure, jitter: 0 });
    assert.is(due(store, 0), 0);
    assert.is(store.queue.retryNow(), 1);
    assert.is(due(store, 0), 1);
    store.close();
  }));

test('after a reboot what waited is due within a minute, whatever the clock says', () =>
  withStateDir((stateDir) => {
    const before = storeIn(stateDir);
    const { sha256 } = before.append(draftOf(), CONTEXT);
    for (let tries = 1; tries <= 6; tries += 1)
      before.queue.markFailed(sha256, { at: moment(9999), failure, jitter: 0 });
    before.close();
    const same = storeIn(stateDir);
    assert.is(due(same, 9999), 0);
    same.close();
    const other = storeIn(stateDir, { bootId: 'boot-2' });
    assert.is(due(other, 1), 1);
    assert.is(other.queue.due({ at: moment(1), limit: 1 })[0]?.tries, 6);
    other.close();
  }));

test('what was written before there was a server, and what a wiped queue forgot, is queued', () =>
  withStateDir((stateDir) => {
    const alone = storeIn(stateDir, { queueing: false });
    alone.append(draftOf(), CONTEXT);
    assert.is(due(alone, 0), 0);
    alone.close();
    const store = storeIn(stateDir);
    assert.is(due(store, 0), 1);
    store.close();
  }));

test('two processes that write by turns lose nothing and count nothing twice', () =>
  withStateDir(async (stateDir) => {
    const program = fileURLToPath(new URL('./hammer.js', import.meta.url));
    const hammer = async (): Promise<string[]> => {
      const { stdout } = await promisify(execFile)(process.execPath, [program, stateDir, '40']);
      return JSON.parse(stdout);
    };
    const [one, other] = await Promise.all([hammer(), hammer()]);
    const appended = [...one, ...other].sort();
    assert.is(new Set(appended).size, 80);

    const store = storeIn(stateDir);
    store.queue.retryNow();
    const waiting = store.queue.due({ at: moment(0), limit: 100 }).map(({ sha256 }) => sha256);
    const receipted = store.list({ limit: 100 }).bundles.filter((row) => row.receipted === 1);
    assert.equal([...waiting, ...receipted.map(({ sha256 }) => sha256)].sort(), appended);
    assert.is(store.queue.metrics(moment(0).now).uploaded, receipted.length);
    assert.is(store.head()?.sequence, 80);
    store.close();
    const db = new Database(join(stateDir, 'evidence.db'), { readonly: true });
    assert.is(db.pragma('integrity_check', { simple: true }), 'ok');
    db.close();
  }));

test.run();
